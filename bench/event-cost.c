// Takes one socket from CLOSE to LISTEN and back, over and over: listen() and shutdown() change the state within the
// call, with no packet, timer or softirq in between, so that little besides the tracepoint varies.
// Usage: event-cost PORT BATCHES CALLS. Prints the mean nanoseconds of a call, a line a batch; a call is one event.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
  inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0), batches = atoi(argv[2]), calls = atoi(argv[3]);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
    perror("bind");
    return 1;
  }
  for (int batch = 0; batch < batches; batch++) {
    long long began = now();
    for (int call = 0; call < calls; call += 2) {
      if (listen(fd, 1) != 0 || shutdown(fd, SHUT_RDWR) != 0) {
        perror("listen or shutdown");
        return 1;
      }
    }
    printf("%lld\n", (now() - began) / calls);
  }
  return 0;
}
