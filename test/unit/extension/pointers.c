/* Debugged to record how adapters tell of processes and pointers: it prints where its pointers point, and stops at main's end.
   Names with a sign begin with a space: gdb's machine interface takes `*` and `&` at a line's start for its own. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct point {
  int x;
  int *link;
};

typedef struct point *point_ptr;

static int global = 42;

static int twice(int n) { return 2 * n; }

int main(void) {
  int local = 7;
  int *heap = malloc(64);
  int **pointer_to_pointer = &heap;
  const char *text = "read-only text";
  int *to_global = &global;
  int *nowhere = NULL;
  void *untyped = heap;
  int (*function)(int) = twice;
  struct point point = {1, &local};
  point_ptr named = &point;
  *heap = twice(21);
  printf("pid=%d\n", getpid());
  printf("heap=%p\npointer_to_pointer=%p\ntext=%p\nto_global=%p\nuntyped=%p\n", (void *)heap, (void *)pointer_to_pointer, (void *)text,
         (void *)to_global, untyped);
  printf("function=%p\nnamed=%p\npoint.link=%p\n *pointer_to_pointer=%p\n", (void *)function, (void *)named, (void *)point.link,
         (void *)*pointer_to_pointer);
  printf(" &heap=%p\n &text=%p\n", (void *)&heap, (void *)&text);
  fflush(stdout);
  return nowhere == NULL ? 0 : local; /* the breakpoint */
}
