package features_test

import (
	"encoding"
	"fmt"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/tensor"
)

// TestValidate: what is wrong is said by the name of the setting; what is right makes encoders and a head.
func TestValidate(t *testing.T) {
	for _, e := range []struct {
		change func(c *features.Config)
		width  int
		want   string // the whole message; "" for none
	}{
		{func(c *features.Config) {}, 4, ""},
		{func(c *features.Config) { c.Nodes.Types = -1 }, 4, "nodeTypes is -1: want a positive number, or 0 for the default"},
		{func(c *features.Config) { c.Nodes.Features = -1 }, 4, "nodeFeatures is -1: want a positive number, or 0 for the default"},
		{func(c *features.Config) { c.Edges.Types = -1 }, 4, "edgeTypes is -1: want a positive number, or 0 for the default"},
		{func(c *features.Config) { c.Edges.Features = -1 }, 4, "edgeFeatures is -1: want a positive number, or 0 for the default"},
		{func(c *features.Config) { c.Prediction.Layers = -1 }, 4, "headLayers is -1: want a positive number, or 0 for the default"},
		{func(c *features.Config) { c.Prediction.Outputs = -1 }, 4, "outputs is -1: want a positive number, or 0 for the default"},
		{func(c *features.Config) { c.Nodes.Encoder = 4 }, 4, "nodeEncoder is NodeEncoder(4): want one of the values that have a name"},
		{func(c *features.Config) { c.Edges.Encoder = -1 }, 4, "edgeEncoder is EdgeEncoder(-1): want one of the values that have a name"},
		{func(c *features.Config) { c.Prediction.Head = 4 }, 4, "head is Head(4): want one of the values that have a name"},
		{func(c *features.Config) { c.Prediction.Pooling = 3 }, 4, "pooling is 3: want tensor.PoolSum, PoolMean or PoolMax"},
		{func(c *features.Config) { c.Nodes.Encoder = features.LinearNodes }, 4,
			"nodeFeatures is 0: the linear node encoder wants the number of input features"},
		{func(c *features.Config) { c.Nodes.Encoder, c.Nodes.Features = features.LinearNodes, 1 }, 4, ""},
		{func(c *features.Config) { c.Nodes.Encoder = features.ColumnNodes }, 4,
			"nodeColumns is empty and nodeFeatures is 0: the encoder of columns wants at least one of them"},
		{func(c *features.Config) { c.Edges.Encoder = features.ColumnEdges }, 4,
			"edgeColumns is empty and edgeFeatures is 0: the encoder of columns wants at least one of them"},
		{func(c *features.Config) { c.Nodes.Columns = "3,0" }, 4,
			`nodeColumns: "0" is no size of a vocabulary: want numbers from 1 to 16777216 with commas between them, such as 119,8,7`},
		{func(c *features.Config) { c.Edges.Columns = "x" }, 4,
			`edgeColumns: "x" is no size of a vocabulary: want numbers from 1 to 16777216 with commas between them, such as 119,8,7`},
		{func(c *features.Config) { c.Nodes.Encoder, c.Nodes.Columns = features.ColumnNodes, "3" }, 4, ""},
		{func(c *features.Config) { c.Nodes.Encoder, c.Nodes.Features = features.ColumnNodes, 2 }, 4, ""},
		{func(c *features.Config) { *c = columns }, 4, ""},
		{func(c *features.Config) { c.Edges.Encoder, c.Edges.Columns = features.ColumnEdges, "3,5" }, 4, ""},
		{func(c *features.Config) {}, 3, "width 3 is too small for the san head, which halves it twice: want at least 4"},
		{func(c *features.Config) { c.Prediction.Head = features.GraphHead }, 3, ""},
	} {
		var c features.Config
		e.change(&c)
		got := ""
		if err := c.Validate(e.width); err != nil {
			got = err.Error()
		}
		if got != e.want {
			t.Errorf("%+v, width %d: %q, want %q", c, e.width, got, e.want)
		}
		if e.want == "" {
			encoders(c, 1)
			predictor(c.Prediction, e.width)
		}
	}
}

func TestDefaults(t *testing.T) {
	want := features.Config{Nodes: features.Nodes{Types: 1}, Edges: features.Edges{Types: 1, Features: 1},
		Prediction: features.Prediction{Layers: 1, Outputs: 1, Pooling: tensor.PoolSum}}
	if got := (features.Config{}).WithDefaults(); got != want {
		t.Errorf("defaults %+v, want %+v", got, want)
	}
	for _, c := range []features.Config{want, typed, numbers, ogb, columns} {
		if c = c.WithDefaults(); c != c.WithDefaults() {
			t.Errorf("%+v: defaults are not stable", c)
		}
	}
	none := features.Edges{Encoder: features.ColumnEdges, Columns: "2"}
	if got := (features.Config{Edges: none}).WithDefaults().Edges; got.Features != 0 || got.Numbers() != 0 {
		t.Errorf("an encoder of columns without numbers: %+v", got)
	}
}

// named is an enumeration with names.
type named interface {
	fmt.Stringer
	encoding.TextMarshaler
}

// TestNames: every name is read and written, an unknown one is answered with the nearest and changes nothing.
func TestNames(t *testing.T) {
	var node features.NodeEncoder
	var edge features.EdgeEncoder
	var head features.Head
	for _, kind := range []struct {
		what   string
		into   encoding.TextUnmarshaler
		value  func() named
		names  string
		wrong  string
		answer string
	}{
		{"node encoder", &node, func() named { return node }, "type linear atom columns", "lineal", "linear"},
		{"edge encoder", &edge, func() named { return edge }, "type linear dummy bond columns", "dumy", "dummy"},
		{"head", &head, func() named { return head }, "san graph node edge", "nodes", "node"},
	} {
		names := strings.Fields(kind.names)
		for k, name := range names {
			if err := kind.into.UnmarshalText([]byte(name)); err != nil {
				t.Errorf("%s %q: %v", kind.what, name, err)
			}
			text, err := kind.value().MarshalText()
			if string(text) != name || err != nil || kind.value().String() != name {
				t.Errorf("%s %d: %q and %v, want %q (%v)", kind.what, k, text, kind.value(), name, err)
			}
		}
		before := kind.value()
		err := kind.into.UnmarshalText([]byte(kind.wrong))
		want := fmt.Sprintf("unknown %s %q; did you mean %q? (known: %s)", kind.what, kind.wrong, kind.answer, strings.Join(names, ", "))
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", kind.what, err, want)
		}
		if kind.value() != before {
			t.Errorf("%s: an unknown name changes the value to %v", kind.what, kind.value())
		}
	}
	for _, k := range []named{features.NodeEncoder(9), features.EdgeEncoder(-1), features.Head(4)} {
		if text, err := k.MarshalText(); err == nil || !strings.Contains(k.String(), "(") {
			t.Errorf("%v, which has no name, is written as %q", k, text)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, list := range [][]int{nil, {7}, {119, 5, 1 << 24}} {
		s := features.NewSizes(list)
		var read features.Sizes
		text, err := s.MarshalText()
		if err := read.UnmarshalText(text); err != nil || read != s {
			t.Errorf("%v: read back as %q (%v)", list, read, err)
		}
		if got, listErr := s.List(); fmt.Sprint(got) != fmt.Sprint(list) || err != nil || listErr != nil {
			t.Errorf("%v: %v (%v, %v)", list, got, err, listErr)
		}
	}
	for text, want := range map[string]string{
		"3,,4": `"" is no size`, "3,-1": `"-1" is no size`, "16777217": `"16777217" is no size`, "3;4": `"3;4" is no size`,
		strings.Repeat("1,", 1000) + "1": "1001 sizes of vocabularies: want at most 1000",
	} {
		s := features.Sizes("2")
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) || s != "2" {
			t.Errorf("%.20q: %v, want %s...; the value is %.20q", text, err, want, s)
		}
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, `features: "x" is no size`) {
			t.Errorf("panic %q", got)
		}
	}()
	features.Nodes{Encoder: features.ColumnNodes, Columns: "x"}.Vocabularies()
}
