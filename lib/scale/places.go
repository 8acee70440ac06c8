package scale

import (
	"fmt"
	"slices"
)

// Places says where the data of a job are. Results depend on the data, not on their places.
type Places struct {
	Data    string `json:"data"`              // vectors or photographs
	Queries string `json:"queries,omitempty"` // if they are no rows of the base
	Weights string `json:"weights,omitempty"`
}

func (e *Exact) places() Places {
	at := Places{Data: e.Base.Location}
	if e.Queries.File != nil {
		at.Queries = e.Queries.File.Location
	}
	return at
}

func (e *Embed) places() Places { return Places{Data: e.Dataset, Weights: e.Weights} }

// places returns where the data may be: where the last run found them, then where earlier runs did.
func (p *Plan) places() []Places {
	j, err := p.job()
	if err != nil {
		return nil // Check reports it
	}
	return append([]Places{j.places()}, p.Former...)
}

// reach calls open with one place of the data after another until it succeeds. This machine may reach the data where the last run did
// not. The error is that of all places.
func (p *Plan) reach(open func(Places) error) (failed error) {
	for i, at := range p.places() {
		err := open(at)
		switch {
		case err == nil:
			return nil
		case i == 0:
			failed = err
		default:
			failed = fmt.Errorf("%w; where an earlier run found the data: %w", failed, err)
		}
	}
	return failed
}

// Continue returns the plan with the division of the plan that is stored, whose results it uses, and with its own places of the data
// before those of the stored plan. ok is false if the stored plan is that of another job.
func (p *Plan) Continue(stored *Plan) (continued *Plan, ok bool) {
	c := *p
	switch {
	case p.Kind != stored.Kind:
		return nil, false
	case p.Kind == KindExact:
		e := *p.Exact
		e.QueryBlock, e.BaseBlock, e.Parts = stored.Exact.QueryBlock, stored.Exact.BaseBlock, stored.Exact.Parts
		c.Exact = &e
	default:
		c.Embed = p.Embed.divided(stored.Embed.Block)
	}
	if c.Hash() != stored.Hash() {
		return nil, false
	}
	c.Former = nil
	for _, at := range stored.places() {
		if !slices.Contains(c.places(), at) {
			c.Former = append(c.Former, at)
		}
	}
	return &c, true
}
