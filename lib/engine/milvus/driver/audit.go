package driver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/report"
)

// Token is the name of the environment variable with the token of an audited server: user:password or a key.
const Token = "MILVUS_TOKEN"

// Audited opens collections of Milvus.
var Audited = live.Driver{Flag: "milvus", Open: func(ctx context.Context, o live.Target) (live.Session, error) { return openCollection(ctx, o) }}

// collection is a collection with an index. It implements live.Session, and calls only what reads. Milvus has no exact scan of an
// indexed field, and no snapshot: the exact neighbours are computed from the vectors that it returned before.
type collection struct {
	o      live.Target
	client *milvusclient.Client
	key    string // name of the primary key
	field  string // name of the vector
	kind   string // of the index: HNSW, IVF_FLAT, …
	lists  int    // of an IVF index
	found  live.Index
}

// openCollection connects and finds the collection and its index. The fields of the target are:
//
//   - Address: host:port, or https://host:port. The token is read from the environment variable Token.
//   - Name: of the collection. It must be loaded.
//   - Column: the field of the vectors, if the collection has several.
//   - Filter: an expression of Milvus.
func openCollection(ctx context.Context, o live.Target) (*collection, error) {
	if strings.Contains(o.Address, "@") {
		return nil, errors.New("the address of Milvus must be host:port; user and password are read from " + Token)
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	within, cancel := context.WithTimeout(ctx, min(o.Timeout, 10*connectTimeout))
	defer cancel()
	client, err := dial(within, o.Address, os.Getenv(Token))
	if err != nil {
		return nil, hide(fmt.Errorf("%s: %w", o.Address, err))
	}
	c := &collection{o: o, client: client}
	for _, step := range []func(context.Context) error{c.describeFields, c.describeIndex, c.count} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(hide(err), c.Close())
		}
	}
	c.describe(ctx)
	return c, nil
}

// hidden is an error without the token, and without access to its cause, whose text may hold it.
type hidden struct {
	text  string
	cause error
}

func (h hidden) Error() string { return h.text }

// Is reports whether the cause is target.
func (h hidden) Is(target error) bool { return errors.Is(h.cause, target) }

// hide masks the token in an error, and both parts of user:password.
func hide(err error) error {
	token := os.Getenv(Token)
	if err == nil || token == "" {
		return err
	}
	text := strings.ReplaceAll(err.Error(), token, "***")
	if _, password, ok := strings.Cut(token, ":"); ok && password != "" {
		text = strings.ReplaceAll(text, password, "***")
	}
	return hidden{text, err}
}

// limited returns ctx with the time limit of a request.
func (c *collection) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.o.Timeout)
}

// describeFields finds the primary key and the field of the vectors.
func (c *collection) describeFields(ctx context.Context) error {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	described, err := c.client.DescribeCollection(ctx, milvusclient.NewDescribeCollectionOption(c.o.Name))
	if err != nil {
		return err
	}
	var served, others []string
	for _, f := range described.Schema.Fields {
		switch {
		case f.PrimaryKey:
			c.key = f.Name
		case f.DataType == entity.FieldTypeFloatVector:
			served = append(served, f.Name)
		case strings.HasSuffix(f.DataType.Name(), "Vector"):
			others = append(others, fmt.Sprintf("%s (%s)", f.Name, f.DataType.Name()))
		}
		if f.DataType == entity.FieldTypeFloatVector && (c.o.Column == "" || f.Name == c.o.Column) {
			c.field = f.Name
			if c.found.D, err = strconv.Atoi(f.TypeParams[entity.TypeParamDim]); err != nil {
				return fmt.Errorf("dimension of %s: %w", f.Name, err)
			}
		}
	}
	switch {
	case c.o.Column == "" && len(served) > 1, c.field == "" && len(served) > 0:
		return fmt.Errorf("collection %s has the vectors %s: choose one with -column", c.o.Name, strings.Join(served, ", "))
	case c.field == "" && len(others) > 0:
		return fmt.Errorf("collection %s has no field of type FloatVector, which the audit serves, but %s", c.o.Name, strings.Join(others, ", "))
	case c.field == "":
		return fmt.Errorf("collection %s has no vectors", c.o.Name)
	}
	return c.checkLoaded(ctx)
}

// checkLoaded returns an error if the collection is not loaded. The audit does not load it.
func (c *collection) checkLoaded(ctx context.Context) error {
	state, err := c.client.GetLoadState(ctx, milvusclient.NewGetLoadStateOption(c.o.Name))
	if err == nil && state.State != entity.LoadStateCode(entity.LoadStateLoaded) {
		return fmt.Errorf("collection %s is not loaded, and cannot be searched", c.o.Name)
	}
	return err
}

// describeIndex finds the index of the field.
func (c *collection) describeIndex(ctx context.Context) error {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	names, err := c.client.ListIndexes(ctx, milvusclient.NewListIndexOption(c.o.Name).WithFieldName(c.field))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("field %s of collection %s has no index", c.field, c.o.Name)
	}
	described, err := c.client.DescribeIndex(ctx, milvusclient.NewDescribeIndexOption(c.o.Name, names[0]))
	if err != nil {
		return err
	}
	params := described.Params()
	c.kind = params[index.IndexTypeKey]
	known := false
	for m, name := range metrics {
		if strings.EqualFold(params[index.MetricTypeKey], string(name)) {
			c.found.Metric, known = m, true
		}
	}
	switch {
	case !known:
		return fmt.Errorf("index %s has the metric %s, which the audit does not serve", names[0], params[index.MetricTypeKey])
	case c.o.Metric != nil && *c.o.Metric != c.found.Metric:
		return fmt.Errorf("index %s has the metric %s, not %s", names[0], params[index.MetricTypeKey], *c.o.Metric)
	}
	c.note("The index is %s (%s, %s).", names[0], c.kind, params[index.MetricTypeKey])
	if described.PendingIndexRows > 0 {
		c.note("The index is under construction: %d rows are not in it yet.", described.PendingIndexRows)
	}
	c.lists, _ = strconv.Atoi(params["nlist"]) // 0 if the index has none
	return c.ladder()
}

// ladder determines the settings that are asked by default.
func (c *collection) ladder() error {
	f := &c.found
	f.NoExactScan, f.NoPresent = true, true
	add := func(efforts ...int) {
		for _, e := range efforts {
			f.Ladder = append(f.Ladder, live.Setting{EfSearch: e})
		}
	}
	switch {
	case strings.HasPrefix(c.kind, "HNSW"):
		f.Effort, f.Policy = "ef", engine.Milvus.Policy
		add(16, 32, 64, 128, 256, 512, 1024)
	case strings.HasPrefix(c.kind, "IVF") && c.lists > 0:
		f.Effort, f.Policy, f.Uncounted = "nprobe", engine.Pads, true
		for probes := 1; probes < c.lists; probes *= 2 {
			add(probes)
		}
		add(c.lists)
	default:
		return fmt.Errorf("the index of %s is %s, which the audit does not serve: it serves HNSW and IVF", c.field, c.kind)
	}
	return nil
}

func (c *collection) note(format string, arguments ...any) {
	c.found.Notes = append(c.found.Notes, fmt.Sprintf(format, arguments...))
}

// count counts the rows, and those that match the filter.
func (c *collection) count(ctx context.Context) (err error) {
	if c.found.N, err = c.matching(ctx, ""); err != nil {
		return err
	}
	c.found.Matching = c.found.N
	if c.o.Filter == "" {
		return nil
	}
	if c.found.Matching, err = c.matching(ctx, c.o.Filter); err != nil {
		return fmt.Errorf("-filter %s: %w", c.o.Filter, err)
	}
	c.found.Filter = &report.Filter{Text: c.o.Filter, Matching: c.found.Matching}
	if c.found.N > 0 {
		c.found.Filter.Selectivity = float64(c.found.Matching) / float64(c.found.N)
	}
	return nil
}

// describe fills in the rest of the description.
func (c *collection) describe(ctx context.Context) {
	f := &c.found
	f.Name, f.Engine = c.o.Name+"."+c.field, "Milvus "+c.kind
	ctx, cancel := c.limited(ctx)
	defer cancel()
	f.Version, _ = c.client.GetServerVersion(ctx, milvusclient.NewGetServerVersionOption()) // "" after an error
	c.note("An application sends %s with each search: there is no present setting, unless -ef-search names one.", f.Effort)
	f.How = []string{
		fmt.Sprintf("Each query was a Search of the collection with the parameter %s, the limit k and the filter. Nothing was written.", f.Effort),
		"Milvus has no snapshot: rows that were written after the vectors had been read can be in an answer, and count as wrong.",
	}
}

// Index implements live.Engine.
func (c *collection) Index() live.Index { return c.found }

// Close implements live.Session.
func (c *collection) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	return c.client.Close(ctx)
}

// Statement implements live.Engine.
func (c *collection) Statement(s live.Setting, k int) string {
	if !c.found.Uncounted {
		return engine.Milvus.Statement(s.EfSearch, k)
	}
	return fmt.Sprintf(`search_params={"params": {"%s": %d}}`, c.found.Effort, s.EfSearch)
}

// Plan implements live.Engine. Milvus shows no plan.
func (c *collection) Plan(context.Context, []float32, int, live.Setting) (live.Plan, error) {
	return live.Plan{}, nil
}

// Exact implements live.Engine.
func (c *collection) Exact(context.Context, []float32, int) (live.Answer, error) {
	return live.Answer{}, errors.New("an indexed field has no exact scan in Milvus")
}
