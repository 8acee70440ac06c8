package driver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/report"
)

// liteServer starts Milvus Lite and returns its client and its address.
func liteServer(t *testing.T) (*milvusclient.Client, string) {
	t.Helper()
	if _, err := checkout.Installed(library); err != nil {
		t.Skip(err)
	}
	port, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := launchLite(t.Context(), engine.Options{Threads: 1}, port[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s.client, s.address
}

// rows creates a collection of n rows with the fields key, tenth (the last digit of the key) and place, and an index.
func rows(t *testing.T, client *milvusclient.Client, name string, n int, kind index.Index, text bool) ann.Vectors {
	t.Helper()
	base := enginetest.Gaussian(n, 16, 1)
	key := entity.NewField().WithName("key").WithDataType(entity.FieldTypeInt64).WithIsPrimaryKey(true)
	if text {
		key = key.WithDataType(entity.FieldTypeVarChar).WithMaxLength(20)
	}
	schema := entity.NewSchema().WithField(key).WithField(entity.NewField().WithName("tenth").WithDataType(entity.FieldTypeInt64)).
		WithField(entity.NewField().WithName("place").WithDataType(entity.FieldTypeFloatVector).WithDim(16))
	if err := client.CreateCollection(t.Context(), milvusclient.NewCreateCollectionOption(name, schema)); err != nil {
		t.Fatal(err)
	}
	insert(t, client, name, base, text)
	if kind != nil {
		indexed(t, client, name, kind)
	}
	return base
}

// insert inserts the vectors and flushes them.
func insert(t *testing.T, client *milvusclient.Client, name string, base ann.Vectors, text bool) {
	t.Helper()
	var numbers, tenths []int64
	var texts []string
	var vectors [][]float32
	for i := range base.N {
		numbers, tenths = append(numbers, int64(base.N-i)), append(tenths, int64(i%10)) // not in the order of the rows
		texts, vectors = append(texts, fmt.Sprintf("key %d", i)), append(vectors, base.Row(i))
	}
	option := milvusclient.NewColumnBasedInsertOption(name).WithInt64Column("tenth", tenths).WithFloatVectorColumn("place", 16, vectors)
	if text {
		option = option.WithVarcharColumn("key", texts)
	} else {
		option = option.WithInt64Column("key", numbers)
	}
	if _, err := client.Insert(t.Context(), option); err != nil {
		t.Fatal(err)
	}
	flush, err := client.Flush(t.Context(), milvusclient.NewFlushOption(name))
	if err == nil {
		err = flush.Await(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// indexed creates an index and loads the collection.
func indexed(t *testing.T, client *milvusclient.Client, name string, kind index.Index) {
	t.Helper()
	create := milvusclient.NewCreateIndexOption(name, "place", kind)
	create.WithExtraParam(index.ParamsKey, `{"M": 4, "efConstruction": 20}`)
	task, err := client.CreateIndex(t.Context(), create)
	if err == nil {
		err = task.Await(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	load, err := client.LoadCollection(t.Context(), milvusclient.NewLoadCollectionOption(name))
	if err == nil {
		err = load.Await(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func audited(t *testing.T, o live.Target, asked live.Options) *report.Report {
	t.Helper()
	c, err := openCollection(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	asked.Wanted = .9
	r, err := live.Run(t.Context(), c, asked)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Recall rises with ef, answers are shorter than k where k is far above ef, and the pages hold every row, under every metric, for keys of
// both types.
func TestAudit(t *testing.T) {
	client, address := liteServer(t)
	for i, m := range ann.Metrics {
		name := fmt.Sprintf("c%d", i)
		rows(t, client, name, 3500, index.NewHNSWIndex(metrics[m], 4, 20), i == 1)
		r := audited(t, live.Target{Address: address, Name: name}, live.Options{K: []int{10, 200}, EfSearch: []int{16, 512}, Sample: 60})
		low, high, beyond := r.Settings[0], r.Settings[1], r.Settings[2]
		if low.EfSearch != 16 || high.EfSearch != 512 || low.RecallByDistance >= high.RecallByDistance || high.RecallByDistance < .9 || low.Present {
			t.Errorf("%v: %+v", m, r.Settings)
		}
		if beyond.K != 200 || beyond.EfSearch != 16 || beyond.Fill > .99 || r.Policy != "pads" || r.N != 3500 || r.Effort != "ef" || high.ExactLatency != nil {
			t.Errorf("%v: %+v", m, r)
		}
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "computed by anncapacity from the 3500 vectors") {
			t.Error(notes)
		}
	}
	o := live.Target{Address: address, Name: "c0", Filter: "tenth == 3", Column: "place"}
	r := audited(t, o, live.Options{K: []int{10}, EfSearch: []int{64}, Sample: 60})
	if s := r.Settings[0]; r.Filter.Matching != 350 || r.Filter.Selectivity != .1 || !s.Present || s.Recall == 0 {
		t.Errorf("%+v", r)
	}
	t.Logf("filtered: %+v", r.Settings[0])
}

func TestAuditRefuses(t *testing.T) {
	client, address := liteServer(t)
	rows(t, client, "flat", 100, index.NewFlatIndex(entity.L2), false)
	rows(t, client, "bare", 100, nil, false)
	rows(t, client, "good", 100, index.NewHNSWIndex(entity.L2, 4, 20), false)
	cosine := ann.Cosine
	for want, change := range map[string]func(*live.Target){
		"none": func(o *live.Target) { o.Name = "none" },
		"the index of place is FLAT, which the audit does not serve": func(o *live.Target) { o.Name = "flat" },
		"no index on collection 'bare'":                              func(o *live.Target) { o.Name = "bare" },
		"has the vectors place: choose one with -column":             func(o *live.Target) { o.Column = "tenth" },
		"has the metric L2, not cosine":                              func(o *live.Target) { o.Metric = &cosine },
		"-filter status = 'new'":                                     func(o *live.Target) { o.Filter = "status = 'new'" },
		"user and password are read from MILVUS_TOKEN":               func(o *live.Target) { o.Address = "root:hunter2@" + address },
		"127.0.0.1:1": func(o *live.Target) { o.Address, o.Timeout = "127.0.0.1:1", time.Second },
	} {
		o := live.Target{Address: address, Name: "good"}
		change(&o)
		c, err := openCollection(t.Context(), o)
		if err == nil {
			c.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

func TestTokenIsHidden(t *testing.T) {
	t.Setenv(Token, "root:hunter2")
	for _, text := range []string{"token root:hunter2 is wrong", "password hunter2"} {
		if err := hide(fmt.Errorf("%s: %w", text, live.ErrRejected)); strings.Contains(err.Error(), "hunter2") {
			t.Error(err)
		}
	}
}
