package exact

import (
	"context"
	"fmt"
	"math"

	"anncapacity/lib/ann"
)

// Claim is a statement of another program: the nearest neighbours of a query, nearest first.
type Claim struct {
	Query ann.Query
	IDs   []int32 // must be distinct points of the index, without the query itself
}

// A WrongError is the first wrong neighbour of a claim.
type WrongError struct {
	Claim int // index of the claim
	Rank  int // index of the neighbour
	Got   ann.Neighbor
	Want  ann.Neighbor // the exact neighbour of this rank
}

func (e *WrongError) Error() string {
	return fmt.Sprintf("neighbour %d is point %d at distance %g, the exact one is point %d at distance %g", e.Rank, e.Got.ID, e.Got.Distance, e.Want.ID, e.Want.Distance)
}

// Verify compares claims with exact search. All claims must have the same length. A neighbour is right if it is not farther than
// the exact neighbour of its rank, apart from rounding as in Compare. The first that is wrong is returned as a *WrongError.
// Verify takes the memory and the time of SearchBatch.
func (x *Index) Verify(ctx context.Context, claims []Claim) error {
	if len(claims) == 0 {
		return nil
	}
	k := len(claims[0].IDs)
	queries, more := ann.Vectors{N: len(claims), D: x.base.D}, 0
	for i, c := range claims {
		if len(c.IDs) != k {
			return fmt.Errorf("exact: claim %d has %d neighbours, claim 0 has %d", i, len(c.IDs), k)
		}
		if err := ann.CheckQuery(c.Query, k, x.base.N, x.base.D); err != nil {
			return fmt.Errorf("exact: claim %d: %w", i, err)
		}
		if _, ok := c.Query.Self(); ok {
			more = 1 // for the query itself
		}
		queries.Data = append(queries.Data, c.Query.Vector...)
	}
	lists, err := x.SearchBatch(ctx, queries, min(k+more, x.base.N))
	if err != nil {
		return err
	}
	for i, c := range claims {
		if wrong := x.Compare(c, without(lists[i], c.Query)); wrong != nil {
			wrong.Claim = i
			return wrong
		}
	}
	return nil
}

// without returns a list without the query itself.
func without(list ann.Neighbors, query ann.Query) ann.Neighbors {
	self, ok := query.Self()
	others := make(ann.Neighbors, 0, len(list))
	for _, n := range list {
		if !ok || n.ID != self {
			others = append(others, n)
		}
	}
	return others
}

// Differences of distances that Compare attributes to the rounding of float32 in the program that claims. nearlyEqual is a share
// of the squared distance of the last neighbour, or of its cosine distance, which as 1 − cos is not known below unitRound. The
// rounding of an inner product is a share of ‖a‖·‖b‖, which grows with the square root of the dimension.
const (
	nearlyEqual = 1e-4
	unitRound   = 1. / (1 << 23)
)

// Compare returns the first neighbour of a claim that is farther than the exact one of its rank, or nil. list holds the exact
// neighbours, of which there must be at least as many as in the claim. A difference of squared distances up to 10⁻⁴ of that of
// the last neighbour is attributed to rounding, and so is a difference of cosine distances up to 10⁻⁴ of the last and 2⁻²³, and of
// inner products up to 2⁻²³·√d·‖a‖·‖b‖.
func (x *Index) Compare(c Claim, list ann.Neighbors) *WrongError {
	metric := x.points.metric
	for rank, id := range c.IDs {
		got := ann.Neighbor{ID: id, Distance: metric.Distance(c.Query.Vector, x.base.Row(int(id)))}
		beyond, slack := float64(got.Distance)-float64(list[rank].Distance), 0.
		switch last := float64(list[len(c.IDs)-1].Distance); metric {
		case ann.Euclidean: // a difference of distances is one of their squares, divided by their sum
			beyond *= float64(got.Distance) + float64(list[rank].Distance)
			slack = nearlyEqual * last * last
		case ann.Cosine:
			slack = nearlyEqual*last + unitRound
		case ann.InnerProduct:
			slack = unitRound * math.Sqrt(float64(x.base.D)) * ann.Length(c.Query.Vector) * ann.Length(x.base.Row(int(id)))
		}
		if beyond > slack {
			return &WrongError{Rank: rank, Got: got, Want: list[rank]}
		}
	}
	return nil
}
