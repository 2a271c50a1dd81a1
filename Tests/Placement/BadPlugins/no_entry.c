/* no_entry.c: a library without the entry symbol. */
__attribute__((visibility("default"))) int something_else(void) { return 1; }
