//go:build faiss

// C functions for FAISS's C++ classes. The text of an exception is stored in *error, which the caller frees; *error is NULL if
// there is no exception.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FLAT, HNSW_BOUNDED, HNSW_UNBOUNDED, IVF };

typedef struct {
	int kind;
	int inner_product; // else squared L2
	int64_t n;
	int d, m, ef_construction;
	int lists; // of an IVF index
	int threads;
	int64_t seed; // 0 means FAISS's default
} faiss_shim_options;

typedef struct {
	int64_t nodes, links;
	int entry_point;
	const int32_t *levels;    // for each node its highest level + 1
	const int32_t *neighbors; // for each node 2M slots for level 0 and M for each level above; unused slots are −1
} faiss_shim_graph;

const char *faiss_shim_version(void);
void *faiss_shim_build(faiss_shim_options o, const float *base, char **error);
void faiss_shim_set_effort(void *index, int effort);
void faiss_shim_search(void *index, int threads, int64_t n, const float *queries, int64_t k, float *distances, int64_t *ids, char **error);
// faiss_shim_search_marked searches for one query among the points whose bit is set in marks, lowest bit first.
void faiss_shim_search_marked(void *index, const uint8_t *marks, int64_t bytes, const float *query, int64_t k, float *distances, int64_t *ids, char **error);
// faiss_shim_remove deletes points from an IVF index.
void faiss_shim_remove(void *index, int64_t n, const int64_t *ids, char **error);
int64_t faiss_shim_bytes(void *index);
faiss_shim_graph faiss_shim_links(void *index);
void faiss_shim_free(void *index);

// faiss_shim_interrupt(1) ends the call in progress with an error; faiss_shim_interrupt(0) permits the next call.
void faiss_shim_interrupt(int stop);

#ifdef __cplusplus
}
#endif
