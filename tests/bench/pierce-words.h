/* The words of peers/PROTOCOL.md that are about many pairs within this process. */
#pragma once

#include <glib.h>

/* Obeys @words if they are some of those, and returns what is to be said then; NULL if not.  @held
 * (of Pair) gets the pairs that are to stay. */
char *pierce_words_obey(GPtrArray *held, char **words);
