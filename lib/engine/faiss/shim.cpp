//go:build faiss

#if !__has_include(<faiss/IndexFlat.h>)
#error "FAISS is missing: apt-get install libfaiss-dev libopenblas-openmp-dev"
#endif

#include <faiss/Index.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/IDSelector.h>
#include <omp.h>

#include <atomic>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "shim.h"

namespace {

std::atomic<bool> stopped{false};

struct Stop : faiss::InterruptCallback {
	bool want_interrupt() override { return stopped; }
};

template <typename F>
void guarded(char **error, F f) {
	*error = nullptr;
	try {
		f();
	} catch (const std::exception &e) {
		*error = strdup(e.what());
	} catch (...) {
		*error = strdup("an exception without a text");
	}
}

faiss::Index *hnsw(const faiss_shim_options &o, faiss::MetricType metric) {
	auto x = std::make_unique<faiss::IndexHNSWFlat>(o.d, o.m, metric);
	x->hnsw.efConstruction = o.ef_construction;
	x->hnsw.search_bounded_queue = o.kind == HNSW_BOUNDED;
	if (o.seed) {
		x->hnsw.rng = faiss::RandomGenerator(o.seed);
	}
	return x.release();
}

faiss::Index *ivf(const faiss_shim_options &o, faiss::MetricType metric) {
	auto quantizer = std::make_unique<faiss::IndexFlat>(o.d, metric);
	auto x = std::make_unique<faiss::IndexIVFFlat>(quantizer.get(), o.d, o.lists, metric);
	x->own_fields = true;
	quantizer.release();
	if (o.seed) {
		x->cp.seed = o.seed;
	}
	return x.release();
}

faiss::Index *empty(const faiss_shim_options &o) {
	auto metric = o.inner_product ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2;
	switch (o.kind) {
	case FLAT:
		return new faiss::IndexFlat(o.d, metric);
	case IVF:
		return ivf(o, metric);
	default:
		return hnsw(o, metric);
	}
}

// bytes returns the size of a std::vector, or of the class that replaces it in newer releases.
template <typename V>
int64_t bytes(const V &v) {
	return v.size() * sizeof(v[0]);
}

} // namespace

const char *faiss_shim_version(void) {
	static const std::string version = std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "." + std::to_string(FAISS_VERSION_PATCH);
	return version.c_str();
}

void *faiss_shim_build(faiss_shim_options o, const float *base, char **error) {
	void *index = nullptr;
	guarded(error, [&] {
		if (!faiss::InterruptCallback::instance) {
			faiss::InterruptCallback::instance.reset(new Stop);
		}
		omp_set_num_threads(o.threads);
		std::unique_ptr<faiss::Index> x(empty(o));
		x->train(o.n, base);
		x->add(o.n, base);
		index = x.release();
	});
	return index;
}

void faiss_shim_set_effort(void *index, int effort) {
	if (auto x = dynamic_cast<faiss::IndexHNSW *>(static_cast<faiss::Index *>(index))) {
		x->hnsw.efSearch = effort;
	} else if (auto x = dynamic_cast<faiss::IndexIVF *>(static_cast<faiss::Index *>(index))) {
		x->nprobe = effort;
	}
}

void faiss_shim_search(void *index, int threads, int64_t n, const float *queries, int64_t k, float *distances, int64_t *ids, char **error) {
	guarded(error, [&] {
		omp_set_num_threads(threads);
		static_cast<faiss::Index *>(index)->search(n, queries, k, distances, ids);
	});
}

void faiss_shim_search_marked(void *index, const uint8_t *marks, int64_t bytes, const float *query, int64_t k, float *distances, int64_t *ids, char **error) {
	guarded(error, [&] {
		omp_set_num_threads(1);
		faiss::IDSelectorBitmap marked(bytes, marks);
		faiss::SearchParameters plain;
		faiss::SearchParametersHNSW hnsw;
		faiss::SearchParametersIVF ivf;
		faiss::SearchParameters *p = &plain;
		auto x = static_cast<faiss::Index *>(index);
		if (auto h = dynamic_cast<faiss::IndexHNSW *>(x)) {
			hnsw.efSearch = h->hnsw.efSearch;
			p = &hnsw;
		} else if (auto v = dynamic_cast<faiss::IndexIVF *>(x)) {
			ivf.nprobe = v->nprobe;
			p = &ivf;
		}
		p->sel = &marked;
		x->search(1, query, k, distances, ids, p);
	});
}

void faiss_shim_remove(void *index, int64_t n, const int64_t *ids, char **error) {
	guarded(error, [&] { static_cast<faiss::Index *>(index)->remove_ids(faiss::IDSelectorBatch(n, ids)); });
}

int64_t faiss_shim_bytes(void *index) {
	auto x = static_cast<faiss::Index *>(index);
	int64_t vectors = x->ntotal * x->d * sizeof(float);
	if (auto h = dynamic_cast<faiss::IndexHNSW *>(x)) {
		return vectors + bytes(h->hnsw.neighbors) + bytes(h->hnsw.levels) + bytes(h->hnsw.offsets);
	}
	if (auto v = dynamic_cast<faiss::IndexIVF *>(x)) {
		return vectors + x->ntotal * sizeof(int64_t) + int64_t(v->nlist) * x->d * sizeof(float);
	}
	return vectors;
}

faiss_shim_graph faiss_shim_links(void *index) {
	auto x = dynamic_cast<faiss::IndexHNSW *>(static_cast<faiss::Index *>(index));
	if (!x) {
		return {};
	}
	const auto &h = x->hnsw;
	return {int64_t(h.levels.size()), int64_t(h.neighbors.size()), int(h.entry_point), h.levels.data(), h.neighbors.data()};
}

void faiss_shim_free(void *index) { delete static_cast<faiss::Index *>(index); }

void faiss_shim_interrupt(int stop) { stopped = stop; }
