package encodings_test

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// The official code numbers edge types v of column f from 1 + 512 f, and makes room twice for padding: once in the table
// of the edges of nodes that are neighbours, and once more in that of the edges on paths.
const officialColumn = 512

// ourEdgeRow returns the row of our table for an official id that has so many rows of padding in front, -1 for padding and
// for ids that only the other numbering has.
func ourEdgeRow(id int64, padding int, vocabulary []int) int {
	id -= int64(padding + 1)
	if id < 0 || int(id%officialColumn) >= vocabulary[0] {
		return -1
	}
	row := int(id % officialColumn)
	for _, size := range vocabulary[:id/officialColumn] {
		row += size
	}
	return row
}

func TestGoldenGraphormer(t *testing.T) {
	for _, c := range golden.Files(t, "positional_bias", "graphormer_bias") {
		var config struct {
			Heads       int
			Hops        int `json:"multi_hop_max_dist"`
			MaxDistance int `json:"spatial_pos_max"`
			Nodes       []int
			Features    int `json:"edge_features"`
			Unreachable int
		}
		c.JSON(t, "config", &config)
		heads, widest := config.Heads, slices.Max(config.Nodes)
		vocabulary := []int{4, 4}
		batch := graphormerGraphs(t, c, config.Nodes, config.Features, config.Unreachable)
		c.Ignore("batch.x", "node features are the model's own embeddings, not the encoding's")
		layout := encodings.OfGraphsWithLeading(batch, 1)

		// Degrees, counted from 1; padding is 0.
		degrees := make([]int64, 0, len(batch.Graphs)*widest)
		for _, g := range batch.Graphs {
			for i := range widest {
				degree := int64(0)
				if i < g.Nodes {
					degree = int64(g.OutDegrees()[i]) + 1
				}
				degrees = append(degrees, degree)
			}
		}
		c.CompareInts(t, "batch.in_degree", degrees)

		for name, form := range map[string]encodings.EdgeTerm{"multi_hop": encodings.MultiHop, "one_hop": encodings.OneHop} {
			padding := 2 // ids of edges on paths
			if form == encodings.OneHop {
				padding = 1
			}
			e := encodings.ShortestPath{MaxDistance: config.MaxDistance, VirtualNode: true, EdgeTypes: vocabulary, Edges: form, MaxHops: config.Hops}
			spatial, edges := c.Tensor(name+".w.spatial_pos_encoder.rows"), c.Tensor(name+".w.edge_encoder.rows")
			distances, kinds := tensor.New(511, heads), tensor.New(8, heads)
			for k, row := range c.Ints(name + ".spatial_rows") {
				if row > 0 { // row 0 is padding
					copy(distances.Row(int(row-1)), spatial.Row(k))
				}
			}
			for k, row := range c.Ints(name + ".edge_rows") {
				if r := ourEdgeRow(row, padding, vocabulary); r >= 0 { // the file has the rows that either form uses
					copy(kinds.Row(r), edges.Row(k))
				}
			}
			values := map[string]*tensor.Tensor{"distances": distances, "edges": kinds, "virtual": c.Tensor(name + ".w.graph_token_virtual_distance.weight")}
			if form == encodings.MultiHop {
				values["hops"] = c.Tensor(name + ".w.edge_dis_encoder.weight")
			}
			encoder, params := encoderOf(t, e, encodings.Dims{Width: 4, Heads: heads}, values)

			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			a := &encodings.Attention{}
			begin(t, tp, encoder, layout).Attend(tp, a)
			bias := pairBiases(t, tp, a.Biases, heads)

			// Into the official padded form, heads first. Padded queries see the virtual node; padded keys are masked.
			n := widest + 1
			rows := tp.ConcatRows(bias, tp.ConcatRows(tp.Leaf(params.Find("virtual")), tp.Const(tensor.New(1, heads))))
			virtual, zero := int32(bias.Rows()), int32(bias.Rows()+1)
			var index []int32
			var hidden []int64
			pair := int32(0)
			for _, g := range batch.Graphs {
				for i := range n {
					for j := range n {
						switch {
						case i <= g.Nodes && j <= g.Nodes:
							hides := int64(0)
							row := pair
							if !a.Mask.Allow[pair] {
								hides, row = 1, zero
							}
							index, hidden = append(index, row), append(hidden, hides)
							pair++
						case j > g.Nodes:
							index, hidden = append(index, zero), append(hidden, 1)
						case j == 0:
							index, hidden = append(index, virtual), append(hidden, 0)
						default:
							index, hidden = append(index, zero), append(hidden, 0)
						}
					}
				}
			}
			c.CompareInts(t, "batch.attn_bias_is_minus_inf", hidden)
			padded := tp.Gather(rows, index).Keep() // [graphs * n * n, heads]
			shape := c.Shape("out." + name)
			c.Compare(t, "out."+name, lastAxisSecond(padded.Data(), shape), golden.Forward)
			probe := secondAxisLast(c.Tensor("probe." + name))
			for k, h := range hidden { // the official gradient does not go through what is masked
				if h == 1 {
					clear(probe.Row(k))
				}
			}
			tp.Backward(tp.Sum(tp.Mul(padded, tp.Const(probe))))

			gradient := func(path string) []float32 { return tp.Grad(params.Find(path)) }
			got := tensor.New(spatial.Shape()...)
			for k, row := range c.Ints(name + ".spatial_rows") {
				if row > 0 {
					copy(got.Row(k), gradient("distances")[int(row-1)*heads:])
				}
			}
			c.Compare(t, name+".grad.spatial_pos_encoder.rows", got, golden.Gradient)
			got = tensor.New(edges.Shape()...)
			for k, row := range c.Ints(name + ".edge_rows") {
				if r := ourEdgeRow(row, padding, vocabulary); r >= 0 {
					copy(got.Row(k), gradient("edges")[r*heads:])
				}
			}
			c.Compare(t, name+".grad.edge_encoder.rows", got, golden.Gradient)
			c.CompareFlat(t, name+".grad.graph_token_virtual_distance.weight", gradient("virtual"), golden.Gradient)
			if form == encodings.MultiHop {
				c.CompareFlat(t, name+".grad.edge_dis_encoder.weight", gradient("hops"), golden.Gradient)
			}
		}
	}
}

// graphormerGraphs rebuilds the graphs of the file and compares what the collator says of them.
func graphormerGraphs(t *testing.T, c *golden.Case, nodes []int, features, unreachable int) *graphs.Batch {
	widest := slices.Max(nodes)
	types := c.Ints("batch.attn_edge_type") // [graphs, n, n, features]
	raw := []string{"raw_spatial_pos.0", "raw_spatial_pos.1"}
	var list []*graphs.Graph
	var places []int64 // distances from 1, padding 0
	for b, adjacency := range []string{"adj.0", "adj.1"} {
		g := &graphs.Graph{Nodes: nodes[b]}
		for i, joined := range c.Ints(adjacency) {
			if joined == 0 {
				continue
			}
			from, to := i/g.Nodes, i%g.Nodes
			g.Edges = append(g.Edges, graphs.Edge{From: from, To: to})
			for f := range features {
				id := types[((b*widest+from)*widest+to)*features+f]
				g.EdgeTypes = append(g.EdgeTypes, int32(id-2-int64(f*officialColumn)))
			}
		}
		list = append(list, g)
		distances := make([]int64, g.Nodes*g.Nodes)
		for k, d := range encodings.Distances(g) {
			distances[k] = int64(d)
			if d < 0 {
				distances[k] = int64(unreachable)
			}
		}
		c.CompareInts(t, raw[b], distances)
		for i := range widest {
			for j := range widest {
				place := int64(0)
				if i < g.Nodes && j < g.Nodes {
					place = distances[i*g.Nodes+j] + 1
				}
				places = append(places, place)
			}
		}
	}
	c.CompareInts(t, "batch.spatial_pos", places)
	c.CompareInts(t, "batch.edge_input", officialPaths(list, widest, features, 5))
	batch, err := graphs.NewBatch(list)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// pairBiases adds up biases of pairs, [pairs, heads].
func pairBiases(t *testing.T, tp *tensor.Tape, list []attention.Bias, heads int) *tensor.Var {
	var sum *tensor.Var
	for _, b := range list {
		var v *tensor.Var
		switch b := b.(type) {
		case attention.DenseBias:
			v = b.Values
		case attention.TableBias:
			index := make([]int32, len(b.Index))
			for k, row := range b.Index {
				index[k] = row
				if row < 0 {
					index[k] = int32(b.Table.Rows())
				}
			}
			v = tp.Gather(tp.ConcatRows(b.Table, tp.Const(tensor.New(1, heads))), index)
		default:
			t.Fatalf("a bias of type %T, want one of pairs", b)
		}
		if sum == nil {
			sum = v
		} else {
			sum = tp.Add(sum, v)
		}
	}
	return sum
}

// lastAxisSecond lays rows [graphs * n * n, heads] out as [graphs, heads, n, n].
func lastAxisSecond(rows []float32, s []int) *tensor.Tensor {
	t := tensor.New(s...)
	size := s[2] * s[3]
	for k := range t.Data() {
		b, h, p := k/(s[1]*size), k/size%s[1], k%size
		t.Data()[k] = rows[(b*size+p)*s[1]+h]
	}
	return t
}

// secondAxisLast is the inverse of lastAxisSecond.
func secondAxisLast(t *tensor.Tensor) *tensor.Tensor {
	s := t.Shape()
	size := s[2] * s[3]
	rows := tensor.New(s[0]*size, s[1])
	for k, x := range t.Data() {
		b, h, p := k/(s[1]*size), k/size%s[1], k%size
		rows.Row(b*size + p)[h] = x
	}
	return rows
}

// officialPaths returns the ids of the edges on the paths as the official collator lays them out, [graphs, n, n, hops,
// features]: a plain Floyd-Warshall and the recursion over its intermediate nodes.
func officialPaths(list []*graphs.Graph, widest, features, hops int) []int64 {
	var ids []int64
	for _, g := range list {
		n := g.Nodes
		types := map[[2]int][]int32{}
		distance, via := map[[2]int]int{}, map[[2]int]int{}
		for e, edge := range g.Edges {
			types[[2]int{edge.From, edge.To}] = g.EdgeTypes[e*features : (e+1)*features]
			distance[[2]int{edge.From, edge.To}] = 1
		}
		for i := range n {
			distance[[2]int{i, i}] = 0
		}
		for k := range n {
			for i := range n {
				for j := range n {
					first, ok1 := distance[[2]int{i, k}]
					second, ok2 := distance[[2]int{k, j}]
					now, ok := distance[[2]int{i, j}]
					if ok1 && ok2 && (!ok || now > first+second) {
						distance[[2]int{i, j}], via[[2]int{i, j}] = first+second, k
					}
				}
			}
		}
		var between func(i, j int) []int
		between = func(i, j int) []int {
			k, ok := via[[2]int{i, j}]
			if !ok {
				return nil
			}
			return append(append(between(i, k), k), between(k, j)...)
		}
		for i := range widest {
			for j := range widest {
				row := make([]int64, hops*features)
				if _, ok := distance[[2]int{i, j}]; ok && i != j {
					path := append(append([]int{i}, between(i, j)...), j)
					for h := range min(len(path)-1, hops) {
						for f, v := range types[[2]int{path[h], path[h+1]}] {
							row[h*features+f] = int64(v) + 3 + int64(f*officialColumn)
						}
					}
				}
				ids = append(ids, row...)
			}
		}
	}
	return ids
}
