package qdrant

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// imitation answers requests as the OpenAPI description of Qdrant says. Its points have the payload even, and its index returns
// every second of the nearest points that match. It is not Qdrant.
type imitation struct {
	t      *testing.T
	metric string // Euclid, Cosine or Dot
	named  bool   // the vector has the name text, and there is another, image
	base   ann.Vectors
	info   string // replaces the description of the collection if it is not ""
	broken int    // number of queries after which the server fails; 0 means never
	key    string // the API key that is required
	asked  []map[string]any
}

func newImitation(t *testing.T, metric string, n int) (*imitation, string) {
	random := rand.New(rand.NewPCG(1, 1))
	s := &imitation{t: t, metric: metric, base: ann.Vectors{N: n, D: 4}}
	for range n * 4 {
		s.base.Data = append(s.base.Data, float32(random.NormFloat64()))
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func (s *imitation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.key != "" && r.Header.Get("api-key") != s.key {
		http.Error(w, "Must provide an API key or an Authorization bearer token", http.StatusUnauthorized)
		return
	}
	var body map[string]any
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			s.refuse(w, http.StatusBadRequest, "Format error in JSON body: "+err.Error())
			return
		}
	}
	if filter, ok := body["filter"].(map[string]any); ok {
		for key := range filter {
			if !slices.Contains([]string{"should", "min_should", "must", "must_not"}, key) {
				s.refuse(w, http.StatusBadRequest, "Format error in JSON body: unknown field `"+key+"`")
				return
			}
		}
	}
	path, found := strings.CutPrefix(r.URL.Path, "/collections/my docs")
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/":
		fmt.Fprint(w, `{"title": "qdrant - vector search engine", "version": "1.16.0", "commit": "abc"}`)
	case !found:
		s.refuse(w, http.StatusNotFound, "Not found: Collection `none` doesn't exist!")
	case r.Method == http.MethodGet && path == "":
		s.answer(w, json.RawMessage(s.collection()))
	case r.Method == http.MethodPost && path == "/points/count":
		s.answer(w, map[string]int{"count": len(s.matching(body))})
	case r.Method == http.MethodPost && path == "/points/scroll":
		s.scroll(w, body)
	case r.Method == http.MethodPost && path == "/points":
		s.points(w, body)
	case r.Method == http.MethodPost && path == "/points/query":
		s.query(w, body)
	default:
		s.t.Errorf("%s %s is not one of the requests that only read", r.Method, r.URL.Path)
	}
}

func (s *imitation) answer(w http.ResponseWriter, result any) {
	if err := json.NewEncoder(w).Encode(map[string]any{"result": result, "status": "ok", "time": 1e-5}); err != nil {
		s.t.Error(err)
	}
}

func (s *imitation) refuse(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status": {"error": %q}, "time": 0.0}`, text)
}

func (s *imitation) collection() string {
	if s.info != "" {
		return s.info
	}
	vectors := fmt.Sprintf(`{"size": 4, "distance": %q}`, s.metric)
	if s.named {
		vectors = fmt.Sprintf(`{"text": {"size": 4, "distance": %q, "hnsw_config": {"ef_construct": 77}}, "image": {"size": 9, "distance": "Dot"}}`, s.metric)
	}
	return fmt.Sprintf(`{"status": "green", "optimizer_status": "ok", "indexed_vectors_count": %d, "points_count": %[1]d, "segments_count": 2,
		"config": {"params": {"vectors": %s, "shard_number": 1}, "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
		"optimizer_config": {}, "quantization_config": null}, "payload_schema": {}}`, s.base.N, vectors)
}

// matching returns the rows that match the filter of a request: all, or those that are even.
func (s *imitation) matching(body map[string]any) (rows []int) {
	for i := range s.base.N {
		if body["filter"] == nil || i%2 == 0 {
			rows = append(rows, i)
		}
	}
	return rows
}

// id returns the ID of a row: a number, or a UUID for every third.
func (s *imitation) id(row int) any {
	if row%3 == 0 {
		return fmt.Sprintf("550e8400-e29b-41d4-a716-%012d", row)
	}
	return row
}

func (s *imitation) point(row int, withVector any) map[string]any {
	p := map[string]any{"id": s.id(row)}
	switch names, ok := withVector.([]any); {
	case ok && s.named && names[0] == "text":
		p["vector"] = map[string]any{"text": s.base.Row(row)}
	case withVector == true && !s.named:
		p["vector"] = s.base.Row(row)
	case withVector != false && withVector != nil:
		s.t.Errorf("with_vector: %v", withVector)
	}
	return p
}

func (s *imitation) scroll(w http.ResponseWriter, body map[string]any) {
	const page = 37 // fewer than are asked for
	rows, from := s.matching(body), 0
	if offset := body["offset"]; offset != nil {
		from = slices.IndexFunc(rows, func(row int) bool { return fmt.Sprint(s.id(row)) == fmt.Sprint(offset) })
	}
	to := min(from+page, len(rows))
	points, next := []any{}, any(nil)
	for _, row := range rows[from:to] {
		points = append(points, s.point(row, body["with_vector"]))
	}
	if to < len(rows) {
		next = s.id(rows[to])
	}
	s.answer(w, map[string]any{"points": points, "next_page_offset": next})
}

func (s *imitation) points(w http.ResponseWriter, body map[string]any) {
	points := []any{}
	for row := range s.base.N { // not in the order of the IDs that are asked for
		if slices.ContainsFunc(body["ids"].([]any), func(id any) bool { return fmt.Sprint(id) == fmt.Sprint(s.id(row)) }) {
			points = append(points, s.point(row, body["with_vector"]))
		}
	}
	s.answer(w, points)
}

func (s *imitation) query(w http.ResponseWriter, body map[string]any) {
	s.asked = append(s.asked, body)
	if s.broken > 0 && len(s.asked) > s.broken {
		s.refuse(w, http.StatusServiceUnavailable, "Service internal error: out of memory")
		return
	}
	if using, _ := body["using"].(string); (using == "text") != s.named {
		s.t.Errorf("using: %v", body["using"])
	}
	var vector []float32
	for _, x := range body["query"].([]any) {
		vector = append(vector, float32(x.(float64)))
	}
	metric := metrics[s.metric]
	var list ann.Neighbors
	for _, row := range s.matching(body) {
		list = append(list, ann.Neighbor{ID: int32(row), Distance: metric.Distance(vector, s.base.Row(row))})
	}
	list.Sort()
	limit, points := int(body["limit"].(float64)), []any{}
	params, _ := body["params"].(map[string]any)
	for rank, n := range list {
		if len(points) < limit && (params["exact"] == true || rank%2 == 0) {
			score := map[ann.Metric]float32{ann.Euclidean: n.Distance, ann.Cosine: 1 - n.Distance, ann.InnerProduct: -n.Distance}[metric]
			points = append(points, map[string]any{"id": s.id(int(n.ID)), "version": 3, "score": score})
		}
	}
	s.answer(w, map[string]any{"points": points})
}
