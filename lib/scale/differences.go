package scale

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// differences names the fields in which the plan that is stored differs from the one that is wanted, and the shards or photographs.
func (w *Work) differences(ctx context.Context, stored, wanted *Plan) string {
	if stored.Kind != wanted.Kind {
		return fmt.Sprintf("it is of kind %s, and not %s", stored.Kind, wanted.Kind)
	}
	if e := wanted.Embed; e != nil {
		wanted = &Plan{Version: wanted.Version, Kind: wanted.Kind, Embed: e.divided(stored.Embed.Block)}
	}
	a, b := map[string]string{}, map[string]string{}
	flatten("", stored, a)
	flatten("", wanted, b)
	var all []string
	compared := func(at, name string, items []item, fields ...string) {
		changes := w.changes(ctx, name, items)
		if changes == "" {
			return // the fields tell what is known
		}
		all = append(all, at+": "+changes)
		for _, field := range fields {
			delete(a, field)
			delete(b, field)
		}
	}
	if e := wanted.Embed; e != nil {
		compared(e.Dataset, stored.Embed.inventory(), e.photographs, "embed.names", "embed.contents")
	} else {
		was, now, base, file := stored.Exact.Base, wanted.Exact.Base, "exact.base.", "exact.queries.file."
		compared(now.Location, was.Fingerprint, now.shards, base+"fingerprint", base+"rows", base+"bytes")
		if old, now := stored.Exact.Queries.File, wanted.Exact.Queries.File; old != nil && now != nil {
			compared(now.Location, old.Fingerprint, now.shards, file+"fingerprint", file+"rows", file+"bytes")
		}
	}
	return strings.Join(append(all, differences(a, b)...), ", ")
}

// differences names the fields whose values differ. The division is left out: that of the stored plan is used.
func differences(a, b map[string]string) (all []string) {
	for name := range a {
		if _, both := b[name]; !both {
			b[name] = "none"
		}
	}
	for name, value := range b {
		if before, both := a[name]; !both || before != value {
			all = append(all, fmt.Sprintf("%s is %s there and %s here", name, cmp.Or(before, "none"), value))
		}
	}
	slices.Sort(all)
	return all
}

// left are fields that do not make another job: places of the data, and the division into tasks.
var left = []string{
	"former", "exact.base.location", "exact.queries.file.location", "exact.query_block", "exact.base_block", "exact.parts",
	"embed.dataset", "embed.weights", "embed.block",
}

// flatten adds the fields of a value, by their JSON names, to fields.
func flatten(name string, value any, fields map[string]string) {
	text, err := json.Marshal(value)
	var inner map[string]any
	if err != nil || json.Unmarshal(text, &inner) != nil {
		fields[name] = string(text)
		return
	}
	for key, v := range inner {
		if name != "" {
			key = name + "." + key
		}
		if !slices.Contains(left, key) {
			flatten(key, v, fields)
		}
	}
}
