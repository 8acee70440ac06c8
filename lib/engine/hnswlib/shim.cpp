//go:build hnswlib

#if !__has_include(<hnswlib/hnswlib.h>)
#error "hnswlib is missing: apt-get install libhnswlib-dev"
#endif

#include <hnswlib/hnswlib.h>

#include <cstring>
#include <exception>
#include <memory>

#include "shim.h"

namespace {

struct Index {
	std::unique_ptr<hnswlib::SpaceInterface<float>> space;
	std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph;
};

template <typename F>
char *guarded(F f) {
	try {
		f();
	} catch (const std::exception &e) {
		return strdup(e.what());
	} catch (...) {
		return strdup("an exception without a text");
	}
	return nullptr;
}

hnswlib::HierarchicalNSW<float> &graph(void *index) { return *static_cast<Index *>(index)->graph; }

} // namespace

char *hnswlib_new(hnswlib_options o, void **index) {
	return guarded([&] {
		auto x = std::make_unique<Index>();
		if (o.inner_product) {
			x->space.reset(new hnswlib::InnerProductSpace(o.d));
		} else {
			x->space.reset(new hnswlib::L2Space(o.d));
		}
		x->graph.reset(new hnswlib::HierarchicalNSW<float>(x->space.get(), o.n, o.m, o.ef_construction, o.seed));
		*index = x.release();
	});
}

char *hnswlib_add(void *index, const float *vector, int64_t id) {
	return guarded([&] { graph(index).addPoint(vector, id); });
}

void hnswlib_set_ef(void *index, int64_t ef) { graph(index).setEf(ef); }

char *hnswlib_search(void *index, const float *query, int64_t k, float *distances, int32_t *ids, int64_t *found) {
	return guarded([&] {
		auto list = graph(index).searchKnnCloserFirst(query, k);
		*found = list.size();
		for (size_t i = 0; i < list.size(); i++) {
			distances[i] = list[i].first;
			ids[i] = int32_t(list[i].second);
		}
	});
}

char *hnswlib_mark_deleted(void *index, int64_t id) {
	return guarded([&] { graph(index).markDelete(id); });
}

int64_t hnswlib_bytes(void *index) {
	auto &g = graph(index);
	int64_t bytes = g.max_elements_ * (g.size_data_per_element_ + sizeof(char *) + sizeof(int) + sizeof(std::mutex));
	for (size_t i = 0; i < g.cur_element_count; i++) {
		bytes += g.element_levels_[i] * g.size_links_per_element_;
	}
	return bytes;
}

void hnswlib_free(void *index) { delete static_cast<Index *>(index); }
