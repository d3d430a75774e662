/*
 * ports [LISTEN_ADDRESS CONNECT_ADDRESS]   (both 127.0.0.1)
 * Takes and releases local ports as it is told on standard input, and answers each line with one:
 *   listen PORT          a listening socket
 *   open COUNT PORT      connections to it, accepted by this process: "opened N ERRNO", where ERRNO is that of the first failure
 *   try COUNT PORT       connects, without waiting for the answer, to a listening socket that takes one connection only
 *   close COUNT          closes the oldest connections, the connecting ends first: they wait in TIME_WAIT
 *   shut COUNT           the connecting ends only: they stay in FIN_WAIT2
 *   abort COUNT          with RST: nothing is left
 *   share COUNT PORT     listening sockets that share the port (SO_REUSEPORT)
 *   bound COUNT PORT     binds sockets to the port of those, and closes them without having listened
 *   again HOW PORT       listens, without bind, with a socket that had a connection before: 0: refused at PORT, 1: disconnected from PORT
 *   end COUNT            closes the last of those that "share" and "again" made
 *   cancel LOCAL PORT    connects from a port, 0: any, where nobody answers ("try"), and closes at once
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 70000

static int clients[MOST], servers[MOST], listeners[65536];
static int first, end;
static int others[100], other_count;

static const char *listens = "127.0.0.1", *connects = "127.0.0.1";

/* @return its size; an address with a colon is one of an IPv6 socket */
static socklen_t address(const char *text, int port, struct sockaddr_storage *at) {
  memset(at, 0, sizeof *at);
  if (strchr(text, ':')) {
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)at;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1) exit(2);
    return sizeof *six;
  }
  struct sockaddr_in *four = (struct sockaddr_in *)at;
  four->sin_family = AF_INET;
  four->sin_port = htons(port);
  if (inet_pton(AF_INET, text, &four->sin_addr) != 1) exit(2);
  return sizeof *four;
}

static int do_connect(int port, int flags) {
  struct sockaddr_storage at;
  socklen_t size = address(connects, port, &at);
  int fd = socket(at.ss_family, SOCK_STREAM | flags, 0);
  if (fd < 0 || (connect(fd, (struct sockaddr *)&at, size) && errno != EINPROGRESS)) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

static void do_listen(int port, int backlog) {
  struct sockaddr_storage at;
  socklen_t size = address(listens, port, &at);
  int fd = socket(at.ss_family, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&at, size) || listen(fd, backlog)) perror("listen"), exit(1);
  listeners[port] = fd;
  printf("listening\n");
}

static void do_open(int count, int port) {
  int opened = 0, failure = 0;
  for (; opened < count; opened++) {
    int fd = do_connect(port, 0);
    if (fd < 0) {
      failure = errno;
      break;
    }
    clients[end] = fd;
    servers[end++] = accept(listeners[port], NULL, NULL);
  }
  printf("opened %d %d\n", opened, failure);
}

static void do_try(int count, int port) {
  do_listen(port, 0);
  for (; count > 0; count--)
    if (do_connect(port, SOCK_NONBLOCK) < 0) perror("try");
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

/* @return a socket bound to the port, which others may be bound to as well */
static int bound(int port) {
  struct sockaddr_storage at;
  socklen_t size = address(listens, port, &at);
  int fd = socket(at.ss_family, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&at, size)) perror("bind"), exit(1);
  return fd;
}

static void do_share(int count, int port) {
  for (; count > 0; count--) {
    int fd = bound(port);
    if (listen(fd, 10)) perror("listen"), exit(1);
    others[other_count++] = fd;
  }
  printf("shared\n");
}

static void do_again(int disconnect, int port) {
  struct sockaddr_storage at;
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  socklen_t size = address(connects, port, &at);
  int fd = socket(at.ss_family, SOCK_STREAM, 0);
  if ((connect(fd, (struct sockaddr *)&at, size) == 0) != disconnect) perror("connect"), exit(1);
  if (disconnect && connect(fd, &none, sizeof none)) perror("disconnect"), exit(1);
  if (listen(fd, 10)) perror("listen"), exit(1);
  others[other_count++] = fd;
  printf("listening\n");
}

static void do_cancel(int local, int port) {
  struct sockaddr_storage at;
  socklen_t size = address(connects, port, &at);
  int fd = local ? bound(local) : socket(at.ss_family, SOCK_STREAM, 0);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (connect(fd, (struct sockaddr *)&at, size) && errno != EINPROGRESS) perror("connect"), exit(1);
  close(fd);
  printf("cancelled\n");
}

int main(int argc, char **argv) {
  if (argc == 3) listens = argv[1], connects = argv[2];
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
    else if (!strcmp(word, "share")) do_share(a, b);
    else if (!strcmp(word, "again")) do_again(a, b);
    else if (!strcmp(word, "cancel")) do_cancel(a, b);
    else if (!strcmp(word, "bound")) {
      for (; a > 0; a--) close(bound(b));
      printf("closed\n");
    } else if (!strcmp(word, "end")) {
      for (; a > 0; a--) close(others[--other_count]);
      printf("closed\n");
    } else do_close(a, word[0]);
  }
  return 0;
}
