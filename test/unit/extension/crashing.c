/* Crashes in the way that its argument names, for the transcripts of record.ts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct node {
  int values[4];
  struct node *next;
};

static int second(const struct node *node) {
  return node->next->values[1]; /* null */
}

static int deep(int level) {
  volatile char block[4096];
  block[level % 4096] = (char)level; /* stack */
  return deep(level + 1) + block[0];
}

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "";
  printf("pid=%d \n", (int)getpid());
  fflush(stdout);
  if (strcmp(way, "null") == 0) {
    struct node only = {{0}, NULL};
    return second(&only);
  }
  if (strcmp(way, "stack") == 0) return deep(0);
  if (strcmp(way, "abort") == 0) abort();
  return 0;
}
