package router

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/train/loss"
)

const dtype = dtypes.Float32

// standardized returns (rows − mean) / deviation. rows is [b, d] of type uint8 or float32, mean and deviation are [d].
func standardized(rows, mean, deviation *Node) *Node {
	return Div(Sub(ConvertDType(rows, dtype), InsertAxes(mean, 0)), InsertAxes(deviation, 0))
}

// logits returns the logits, [b, units], of standardised queries x, [b, d]. values holds form.parameters().
func (f form) logits(x *Node, values []*Node) *Node {
	by := map[part]*Node{}
	for i, p := range f.parameters() {
		by[p.part] = values[i]
	}
	var sum *Node
	if f.Layers {
		y := f.activate(Add(Dot(x, by[firstWeights]).MatMul(), InsertAxes(by[firstBias], 0)))
		y = f.activate(Add(Dot(y, by[secondWeights]).MatMul(), InsertAxes(by[secondBias], 0)))
		sum = Dot(y, by[thirdWeights]).MatMul()
	}
	if f.Direct {
		direct := Dot(x, by[directWeights]).MatMul()
		if sum != nil {
			direct = Add(sum, direct)
		}
		sum = direct
	}
	return Add(sum, InsertAxes(by[outputBias], 0))
}

func (f form) activate(x *Node) *Node {
	kinds := [...]activation.Type{ReLU: activation.TypeRelu, HyperbolicTangent: activation.TypeTanh, SiLU: activation.TypeSilu}
	return activation.Apply(kinds[f.Activation], x)
}

// crossEntropy returns the mean loss of logits, [b, units]. units is [b, w] of int32, the labels of each query, filled up with its
// first label. weights is [b, w]: the weight of each label and 0 for filling, see batches.labels.
func crossEntropy(logits, units, weights *Node, kind lossKind) *Node {
	if kind == singleLabel {
		return loss.SparseCategoricalCrossEntropyLogits([]*Node{units}, []*Node{logits})
	}
	labels := dense(units, weights, logits.Shape())
	if kind == distribution {
		return loss.CategoricalCrossEntropyLogits([]*Node{labels}, []*Node{logits})
	}
	right := Where(GreaterThan(labels, ScalarZero(labels.Graph(), dtype)), logits, AddScalar(ZerosLike(logits), lowest))
	if kind == bestLabel {
		return ReduceAllMean(Sub(logSumExp(logits), ReduceMax(right, -1)))
	}
	return ReduceAllMean(Sub(logSumExp(logits), logSumExp(right)))
}

// lowest is a logit of probability 0.
const lowest = -1e30

// lossKind is the way in which the labels of a query make its loss.
type lossKind uint8

const (
	singleLabel  lossKind = iota // every query has one label
	anyLabel                     // AcceptAny
	bestLabel                    // AcceptBest
	distribution                 // labels have weights
)

// kind returns the loss of labels under the option accept.
func (l Labels) kind(accept Accept) lossKind {
	switch {
	case l.Weights != nil:
		return distribution
	case l.width() == 1:
		return singleLabel
	case accept == AcceptBest:
		return bestLabel
	}
	return anyLabel
}

// dense returns a matrix of the given shape with the sum of the weights of each unit of each row. No gradient passes through it.
func dense(units, weights *Node, shape shapes.Shape) *Node {
	g := units.Graph()
	count := units.Shape().Size()
	rows := Iota(g, units.Shape(), 0)
	at := Concatenate([]*Node{Reshape(rows, count, 1), Reshape(units, count, 1)}, 1)
	return StopGradient(ScatterSum(Zeros(g, shape), at, Reshape(weights, count), false, false))
}

// logSumExp returns log Σ exp x over the last axis.
func logSumExp(x *Node) *Node {
	largest := StopGradient(ReduceAndKeep(x, ReduceMax, -1))
	return Add(Log(ReduceSum(Exp(Sub(x, largest)), -1)), Squeeze(largest, -1))
}
