/* Memory that a resident process need not hold. */
#ifndef TSPOD_MEMORY_H
#define TSPOD_MEMORY_H

/*
 * Give back the pages of our executable that are as on disk; those still needed come back by
 * themselves.
 */
void drop_clean_pages(void);

#endif
