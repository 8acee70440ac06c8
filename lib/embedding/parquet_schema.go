package embedding

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// leafColumn is a leaf of the schema with its names.
type leafColumn struct {
	index  int
	name   string // dotted path without the levels of a list: s.dense
	full   string // dotted path in the file: s.dense.list.element
	top    string // column of the table
	nested nesting
	kind   string // NumPy's name of its type, if there is one
}

// String returns the name that selects the column.
func (l leafColumn) String() string {
	if l.name == "" {
		return l.full
	}
	return l.name
}

// nesting is the structure of the values in a row.
type nesting string

const (
	oneValue      nesting = "one value per row"
	oneList       nesting = "a list"
	nestedLists   nesting = "lists of lists"
	listOfStructs nesting = "a list of structs"
	aMap          nesting = "a map"
)

func leafColumns(s *schema.Schema) []leafColumn {
	all := make([]leafColumn, 0, s.NumColumns())
	for i, column := range s.Columns() {
		var path []schema.Node
		for node := schema.Node(column.SchemaNode()); node.Parent() != nil; node = node.Parent() {
			path = append(path, node)
		}
		slices.Reverse(path)
		nested, length := nestingOf(path)
		all = append(all, leafColumn{i, joinNames(path[:length]), joinNames(path), path[0].Name(), nested, numberKind(column)})
	}
	return all
}

func joinNames(path []schema.Node) string {
	names := make([]string, len(path))
	for i, node := range path {
		names[i] = node.Name()
	}
	return strings.Join(names, ".")
}

// nestingOf returns the nesting of a column and the number of path elements that form its name. It follows Parquet's
// LogicalTypes.md, including older forms of lists.
func nestingOf(path []schema.Node) (nesting, int) {
	repeated, at := 0, 0 // at is the index of the first repeated node
	for i, node := range path {
		if annotated(node, "Map") {
			return aMap, i + 1
		}
		if node.RepetitionType() != parquet.Repetitions.Repeated {
			continue
		}
		if repeated++; repeated == 1 {
			at = i
		}
	}
	inList := at > 0 && annotated(path[at-1], "List")
	switch {
	case repeated == 0:
		return oneValue, len(path)
	case repeated > 1:
		return nestedLists, max(1, at)
	case at == len(path)-1 && inList: // optional group x (LIST) { repeated float array }
		return oneList, at
	case at == len(path)-1: // repeated float x
		return oneList, at + 1
	case at == len(path)-2 && inList && wraps(path[at]): // optional group x (LIST) { repeated group list { optional float element } }
		return oneList, at
	}
	return listOfStructs, max(1, at)
}

func annotated(node schema.Node, as string) bool {
	return node.LogicalType() != nil && node.LogicalType().String() == as
}

// wraps reports whether a repeated group in a list only wraps the element, that is, whether it is not itself a struct.
func wraps(node schema.Node) bool {
	group, ok := node.(*schema.GroupNode)
	return ok && group.NumFields() == 1 && node.Name() != "array" && !strings.HasSuffix(node.Name(), "_tuple")
}

func numberKind(column *schema.Column) string {
	logical := column.LogicalType()
	switch t := logical.(type) {
	case schema.IntLogicalType:
		if t.IsSigned() {
			return "int" + strconv.Itoa(int(t.BitWidth()))
		}
		return "uint" + strconv.Itoa(int(t.BitWidth()))
	case schema.Float16LogicalType:
		if physicalWidth(column) == 2 {
			return "float16"
		}
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return "string"
	}
	if logical != nil && !logical.IsNone() {
		return strings.ToLower(logical.String())
	}
	physical := map[parquet.Type]string{
		parquet.Types.Float: "float32", parquet.Types.Double: "float64", parquet.Types.Int32: "int32", parquet.Types.Int64: "int64",
		parquet.Types.ByteArray: "bytes", parquet.Types.Boolean: "bool", parquet.Types.FixedLenByteArray: "bytes of fixed length",
	}
	if name, ok := physical[column.PhysicalType()]; ok {
		return name
	}
	return strings.ToLower(column.PhysicalType().String())
}

var numericKinds = []string{"float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}

// columnKind is a kind of column that a reader supports, with its description for errors.
type columnKind struct {
	nested nesting
	kinds  []string
	what   string // "lists of numbers"
	advice string
}

var (
	wantLists = columnKind{oneList, numericKinds, "lists of numbers",
		"a matrix is one column whose rows are lists of integers or floats (in pandas, DataFrame({\"vector\": list(matrix)}))"}
	wantStrings = columnKind{oneValue, []string{"string", "bytes"}, "strings", "names are one column of strings"}
)

func (w columnKind) matches(l leafColumn) bool {
	return l.nested == w.nested && slices.Contains(w.kinds, l.kind)
}

// chooseColumn returns the column with the given name, or the only matching column if name is empty. The name of a
// top-level column also selects the only matching column within it.
func chooseColumn(all []leafColumn, name string, want columnKind) (leafColumn, error) {
	named := slices.DeleteFunc(slices.Clone(all), func(l leafColumn) bool { return name != "" && l.name != name && l.full != name })
	if len(named) == 0 {
		named = slices.DeleteFunc(slices.Clone(all), func(l leafColumn) bool { return l.top != name })
	}
	fit := slices.DeleteFunc(slices.Clone(named), func(l leafColumn) bool { return !want.matches(l) })
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		choices := listColumns(fit, " or ", leafColumn.choice)
		return leafColumn{}, fmt.Errorf("has %d columns of %s: name one, FILE.parquet%s", len(fit), want.what, choices)
	case name != "" && len(named) > 0:
		return leafColumn{}, fmt.Errorf("its column %q is not one of %s: %s", name, want.what, listColumns(named, ", ", leafColumn.describe))
	case name != "":
		return leafColumn{}, fmt.Errorf("has no column %q of %s, only %s", name, want.what, listColumns(all, ", ", leafColumn.describe))
	}
	return leafColumn{}, fmt.Errorf("has no column of %s, only %s; %s", want.what, listColumns(all, ", ", leafColumn.describe), want.advice)
}

// choice returns the suffix of the file name that selects the column, quoted for a shell if necessary.
func (l leafColumn) choice() string {
	if choice := ":" + l.String(); !strings.ContainsAny(choice, " \t\n\"'\\$`|&;<>()*?[]#~!") {
		return choice
	}
	return strconv.Quote(":" + l.String())
}

func (l leafColumn) describe() string {
	if l.nested == oneValue {
		return fmt.Sprintf("%s (%s)", l, l.kind)
	}
	return fmt.Sprintf("%s (%s of %s)", l, l.nested, l.kind)
}

// listColumns joins the descriptions of at most ten columns.
func listColumns(all []leafColumn, between string, say func(leafColumn) string) string {
	const most = 10
	var said []string
	for _, l := range all[:min(most, len(all))] {
		said = append(said, say(l))
	}
	switch {
	case len(all) == 0:
		return "nothing"
	case len(all) > most:
		said = append(said, fmt.Sprintf("%d more", len(all)-most))
	}
	return strings.Join(said, between)
}
