package fidelity

// Measures lists the measures of the study in the order of their columns.
var Measures = []Measure{
	Overlap,
	Fill,
	EmptyShare,
	Distance,
	DistanceRatio,
	RadiusRatio,
	BarycenterShift,
	LID,
	LID20,
	LID100,
	LIDMoments,
	Capacity,
	PublishedDistance,
	PublishedBarycenterShift,
	PublishedLID,
}
