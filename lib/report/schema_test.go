package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"anncapacity/lib/engine"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
	"anncapacity/lib/report/reporttest"
)

func schemaPath(t *testing.T) string {
	return filepath.Join(testkit.Root(t), "docs", "report.schema.json")
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaPath(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate validates a report with the schema.
func validate(t *testing.T, s *jsonschema.Schema, value any) error {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(instance)
}

func TestReportsAreValid(t *testing.T) {
	s := schema(t)
	for _, sample := range reporttest.All() {
		if err := validate(t, s, sample.Report); err != nil {
			t.Errorf("%s: %v", sample.Name, err)
		}
	}
}

// object returns the JSON of the audit of an index file as maps and slices.
func object(t *testing.T) map[string]any {
	t.Helper()
	text, err := json.Marshal(reporttest.File())
	var o map[string]any
	if err != nil || json.Unmarshal(text, &o) != nil {
		t.Fatal("no object")
	}
	return o
}

// The schema rejects what no report holds.
func TestSchemaRejects(t *testing.T) {
	s := schema(t)
	if err := validate(t, s, object(t)); err != nil {
		t.Fatal(err)
	}
	first := func(o map[string]any, list string) map[string]any { return o[list].([]any)[0].(map[string]any) }
	for what, spoil := range map[string]func(o map[string]any){
		"another version":       func(o map[string]any) { o["version"] = 2 },
		"no version":            func(o map[string]any) { delete(o, "version") },
		"no advice":             func(o map[string]any) { delete(o, "advice") },
		"no settings":           func(o map[string]any) { o["settings"] = nil },
		"a field of another":    func(o map[string]any) { o["recall"] = .5 },
		"an unknown metric":     func(o map[string]any) { o["metric"] = "hamming" },
		"an unknown policy":     func(o map[string]any) { o["policy"] = "" },
		"a recall above 1":      func(o map[string]any) { first(o, "settings")["recall"] = 1.01 },
		"an interval of one":    func(o map[string]any) { first(o, "settings")["interval"] = []any{.5} },
		"k of 0":                func(o map[string]any) { first(o, "settings")["k"] = 0 },
		"a fraction of a node":  func(o map[string]any) { o["graph"].(map[string]any)["deleted"] = 1.5 },
		"a number for a query":  func(o map[string]any) { first(o, "worst_queries")["query"] = 7 },
		"a label without k":     func(o map[string]any) { delete(first(o, "labels"), "k") },
		"a time that is a date": func(o map[string]any) { o["time"] = "2026-11-26" },
	} {
		o := object(t)
		spoil(o)
		if validate(t, s, o) == nil {
			t.Errorf("%s is valid", what)
		}
	}
}

// definition is a part of the schema.
type definition struct {
	Ref                  string `json:"$ref"`
	Type                 oneOrMore
	Description          string
	AdditionalProperties *bool
	Required             []string
	Properties           map[string]definition
	Items                *definition
	AnyOf                []definition
	Enum                 []string
}

// oneOrMore is a type, or the first of a list of types.
type oneOrMore string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var all []string
	if json.Unmarshal(text, &all) == nil {
		*o = oneOrMore(all[0])
		return nil
	}
	return json.Unmarshal(text, (*string)(o))
}

// Every struct has a definition of its name and every definition of an object a struct, with the same fields of the same types.
// A field is required unless it may be left out.
func TestSchemaAgreesWithTypes(t *testing.T) {
	text, err := os.ReadFile(schemaPath(t))
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	structs := map[string]bool{}
	compare(t, s.Defs, reflect.TypeFor[report.Report](), structs)
	for name, d := range s.Defs {
		if d.Type == "object" && !structs[name] {
			t.Errorf("no struct has the definition %s", name)
		}
	}
	policies := []engine.Policy{
		engine.Exact, engine.Pads, engine.Truncates, engine.Rejects, engine.Raises, engine.Fills, engine.IgnoresEfSearch, engine.NotAsked,
	}
	for _, p := range policies {
		if listed := s.Defs["Report"].Properties["policy"].Enum; !slices.Contains(listed, string(p)) || len(listed) != len(policies) {
			t.Errorf("the policies are %v, want %v", listed, policies)
		}
	}
}

// compare compares a struct and those that it holds with their definitions.
func compare(t *testing.T, defs map[string]definition, of reflect.Type, done map[string]bool) {
	t.Helper()
	if done[of.Name()] {
		return
	}
	done[of.Name()] = true
	d, ok := defs[of.Name()]
	if !ok || d.AdditionalProperties == nil || *d.AdditionalProperties || len(d.Properties) != of.NumField() {
		t.Errorf("%s: %d fields, %d properties; want a closed definition with as many", of.Name(), of.NumField(), len(d.Properties))
	}
	for i := range of.NumField() {
		f := of.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if slices.Contains(d.Required, name) == (option == "omitempty") {
			t.Errorf("%s.%s: omitempty and required", of.Name(), f.Name)
		}
		property, ok := d.Properties[name]
		if got, want := typeOf(defs, property), kindOf(f.Type); !ok || got != want {
			t.Errorf("%s.%s is %s in the schema, want %s", of.Name(), f.Name, got, want)
		}
		if inner := elementOf(f.Type); inner.Kind() == reflect.Struct {
			compare(t, defs, inner, done)
		}
	}
}

// typeOf returns the type of a definition in the words of kindOf.
func typeOf(defs map[string]definition, d definition) string {
	if len(d.AnyOf) > 0 {
		d = d.AnyOf[0]
	}
	name := strings.TrimPrefix(d.Ref, "#/$defs/")
	if target, ok := defs[name]; ok {
		if target.Type == "object" {
			return name
		}
		d = target
	}
	switch {
	case d.Items != nil:
		return "array of " + typeOf(defs, *d.Items)
	case d.Type == "" && d.Enum != nil:
		return "string"
	case d.Type == "":
		return "integer" // const of the version
	}
	return string(d.Type)
}

// kindOf returns the type of a Go type in JSON, or the name of a struct.
func kindOf(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Pointer:
		return kindOf(of.Elem())
	case reflect.Slice, reflect.Array:
		return "array of " + kindOf(of.Elem())
	case reflect.Struct:
		return of.Name()
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "integer"
	case reflect.Bool:
		return "boolean"
	}
	return of.Kind().String()
}

func elementOf(of reflect.Type) reflect.Type {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	return of
}
