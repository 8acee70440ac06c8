//go:build hnswlib

// C functions for hnswlib's C++ classes. They return the text of an exception, which the caller frees, or NULL if there is no
// exception.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
	int inner_product; // else squared L2
	int64_t n;
	int d, m, ef_construction;
	int64_t seed;
} hnswlib_options;

char *hnswlib_new(hnswlib_options o, void **index);
char *hnswlib_add(void *index, const float *vector, int64_t id); // from any number of threads, after the first point
void hnswlib_set_ef(void *index, int64_t ef);
// hnswlib_search sets *found to the number of answers, at most k, and writes them nearest first.
char *hnswlib_search(void *index, const float *query, int64_t k, float *distances, int32_t *ids, int64_t *found);
char *hnswlib_mark_deleted(void *index, int64_t id);
int64_t hnswlib_bytes(void *index);
void hnswlib_free(void *index);

#ifdef __cplusplus
}
#endif
