/*
 * Takes and releases local ports as it is told on standard input, and answers each line with one:
 *   listen PORT          a listening socket on 127.0.0.1
 *   open COUNT PORT      connections to it, accepted by this process: "opened N ERRNO", where ERRNO is that of the first failure
 *   try COUNT PORT       connects, without waiting for the answer, to a listening socket that takes one connection only
 *   close COUNT          closes the oldest connections, the connecting ends first: they wait in TIME_WAIT
 *   shut COUNT           the connecting ends only: they stay in FIN_WAIT2
 *   abort COUNT          with RST: nothing is left
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 70000

static int clients[MOST], servers[MOST], listeners[65536];
static int first, end;

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return at;
}

static void do_listen(int port, int backlog) {
  struct sockaddr_in at = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, backlog)) perror("listen"), exit(1);
  listeners[port] = fd;
  printf("listening\n");
}

static void do_open(int count, int port) {
  struct sockaddr_in at = loopback(port);
  int opened = 0, failure = 0;
  for (; opened < count; opened++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at)) {
      failure = errno;
      close(fd);
      break;
    }
    clients[end] = fd;
    servers[end++] = accept(listeners[port], NULL, NULL);
  }
  printf("opened %d %d\n", opened, failure);
}

static void do_try(int count, int port) {
  do_listen(port, 0);
  struct sockaddr_in at = loopback(port);
  for (; count > 0; count--) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) && errno != EINPROGRESS) perror("try");
  }
}

static void do_close(int count, char how) {
  struct linger at_once = {1, 0};
  for (; count > 0 && first < end; count--, first++) {
    if (how == 'a') setsockopt(clients[first], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(clients[first]);
    if (how != 's') close(servers[first]);
  }
  printf("closed\n");
}

int main(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit)) perror("setrlimit"), exit(1);
  setvbuf(stdout, NULL, _IOLBF, 0);
  char line[100], word[20];
  while (fgets(line, sizeof line, stdin)) {
    int a = 0, b = 0;
    if (sscanf(line, "%19s %d %d", word, &a, &b) < 1) continue;
    if (!strcmp(word, "listen")) do_listen(a, 1024);
    else if (!strcmp(word, "open")) do_open(a, b);
    else if (!strcmp(word, "try")) do_try(a, b);
    else do_close(a, word[0]);
  }
  return 0;
}
