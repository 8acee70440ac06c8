package scale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// An inventory lists the shards or photographs of a plan. It is stored beside the plan and read only to name those that were changed.

const inventories = "inventory/"

// item is a shard or a photograph.
type item struct {
	Name    string
	Bytes   int64  `json:",omitempty"`
	Rows    int    `json:",omitempty"`
	Version string // as of shard.Shard, or a hash of the content; "" if it was not asked for
}

// changedError says that data are not those of the plan.
type changedError struct {
	text      string
	inventory string // its name
	now       []item
}

func (e *changedError) Error() string { return e.text }

// explain adds to an error that says that data were changed which shards or photographs were, and how.
func (w *Work) explain(ctx context.Context, err error) error {
	changed := (*changedError)(nil)
	if !errors.As(err, &changed) {
		return err
	}
	if what := w.changes(ctx, changed.inventory, changed.now); what != "" {
		return fmt.Errorf("%w: %s", err, what)
	}
	return err
}

// changes says what is changed since the inventory of the given name was stored. It returns "" if that is not known.
func (w *Work) changes(ctx context.Context, name string, now []item) string {
	text, err := w.folder.Get(ctx, inventories+name)
	var before []item
	if err != nil || json.Unmarshal(text, &before) != nil {
		return ""
	}
	return compare(before, now)
}

// takeInventory stores the inventories of a plan that was just made, unless they are stored.
func (w *Work) takeInventory(ctx context.Context, p *Plan) error {
	j, err := p.job()
	if err != nil {
		return err
	}
	stored, err := w.names(ctx, inventories)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, name := range stored {
		have[name] = true
	}
	for name, items := range j.inventories() {
		if items == nil || have[name] {
			continue
		}
		text, err := json.Marshal(items)
		if err != nil {
			return err
		}
		if err := w.folder.Put(ctx, inventories+name, append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

const listedChanges = 3

// compare says how items differ from what they were. It names the first that do.
func compare(before, now []item) string {
	was, is := map[string]item{}, map[string]item{}
	for _, one := range before {
		was[one.Name] = one
	}
	for _, one := range now {
		is[one.Name] = one
	}
	var all []string
	for _, old := range before {
		if one, found := is[old.Name]; !found {
			all = append(all, old.Name+" is missing")
		} else if how := old.changed(one); how != "" {
			all = append(all, one.Name+" "+how)
		}
	}
	for _, one := range now {
		if _, found := was[one.Name]; !found {
			all = append(all, one.Name+" was added")
		}
	}
	if more := len(all) - listedChanges; more > 0 {
		all = append(all[:listedChanges], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, ", ")
}

// changed says how an item differs from what it was, "" if it does not.
func (old item) changed(now item) string {
	oldTime, oldPages, isFile := strings.Cut(old.Version, " ")
	time, pages, _ := strings.Cut(now.Version, " ")
	switch {
	case now.Version == "" || old == now:
		return ""
	case old.Bytes != now.Bytes:
		return fmt.Sprintf("has %d bytes, and had %d", now.Bytes, old.Bytes)
	case old.Rows != now.Rows:
		return fmt.Sprintf("has %d rows, and had %d", now.Rows, old.Rows)
	case isFile && oldPages == pages && oldTime != time:
		return fmt.Sprintf("was last changed at %s, and not at %s (if its content is the same, touch -d %s restores the time; cp -p keeps it)",
			time, oldTime, oldTime)
	}
	return "has other content"
}
