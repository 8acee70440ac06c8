//go:build faiss

// C functions around FAISS's C++ classes. Whatever FAISS throws comes back in *error, which the caller frees; *error is
// NULL where nothing was thrown.
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
	int64_t seed; // 0 is FAISS's own
} faiss_shim_options;

typedef struct {
	int64_t nodes, links;
	int entry_point;
	const int32_t *levels;    // per node its highest level + 1
	const int32_t *neighbors; // per node 2M slots for level 0 and M for each level above, −1 behind the end of a list
} faiss_shim_graph;

const char *faiss_shim_version(void);
void *faiss_shim_build(faiss_shim_options o, const float *base, char **error);
void faiss_shim_set_effort(void *index, int effort);
void faiss_shim_search(void *index, int threads, int64_t n, const float *queries, int64_t k, float *distances, int64_t *ids, char **error);
int64_t faiss_shim_bytes(void *index);
faiss_shim_graph faiss_shim_links(void *index);
void faiss_shim_free(void *index);

// faiss_shim_interrupt(1) ends the call in progress, with an error; faiss_shim_interrupt(0) lets the next one begin.
void faiss_shim_interrupt(int stop);

#ifdef __cplusplus
}
#endif
