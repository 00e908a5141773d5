package datasets

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/graft-ml/graft/graphs"
)

// brecInfo is the table of BREC.
//
//	pairs  graphs  nodes   metric                 licence
//	400    800     7-198   pairs told apart       MIT
//
// The categories, by number of the pair: Basic 0-59, Regular 60-109,
// Strongly_Regular 110-159, Extension 160-259, CFI 260-359, 4-Vertex_Condition
// 360-379, Distance_Regular 380-399.
var brecInfo = Info{
	Name: "brec", Title: "BREC: 400 pairs of graphs to tell apart", Task: Distinction,
	Test:      2 * brecPairs,
	MeanNodes: 34.76, MeanEdges: 286.88,
	NodeTypes: []int{1},
	Metric:    "pairs told apart, of 400 (higher is better)",
	SplitRule: "none: a fresh model is trained for each pair",
	Licence:   "MIT (Wang and Zhang, BREC)",
	Origin:    "brec_pairs.tsv.gz (number, category and two graph6 texts a line, from github.com/GraphPKU/BREC) in a folder expressivity",
	Notes: "Graphs 2k and 2k+1 are pair k; BREC gives them as pairs, with categories. The 1-WL test tells none apart; published: " +
		"3-WL 270, I2-GNN 281, KP-GNN 275, GSN 254, PPGN 233, GNN-AK 222, Graphormer 79.",
}

const brecPairs = 400

// Pair is two graphs that are not isomorphic.
type Pair struct {
	Number   int    // of the pair in BREC, from 0
	Category string // one of BRECCategories
	A, B     *graphs.Graph
}

// brecCategories gives the number of pairs of each category, in order.
var brecCategories = []struct {
	name  string
	pairs int
}{
	{"Basic", 60}, {"Regular", 50}, {"Strongly_Regular", 50}, {"Extension", 100}, {"CFI", 100},
	{"4-Vertex_Condition", 20}, {"Distance_Regular", 20},
}

// BRECCategories lists the categories of the pairs of BREC in their order.
func BRECCategories() []string {
	var names []string
	for _, c := range brecCategories {
		names = append(names, c.name)
	}
	return names
}

// BREC gives the 400 pairs of the set brec (Wang and Zhang, An Empirical Study of
// Realized GNN Expressiveness, ICML 2024) in order of their numbers. Options.Dir
// says where the file is; the errors are those of [Load].
func BREC(ctx context.Context, o Options) ([]Pair, error) {
	rows, err := readBREC(ctx, o)
	if err != nil {
		return nil, err
	}
	pairs := make([]Pair, len(rows))
	for k, r := range rows {
		p := Pair{Number: k, Category: r.category, A: decodeGraph6(r.a), B: decodeGraph6(r.b)}
		p.A.ID, p.B.ID = fmt.Sprintf("%d/a", k), fmt.Sprintf("%d/b", k)
		pairs[k] = p
	}
	return pairs, nil
}

func loadBREC(ctx context.Context, o Options) (*Set, error) {
	rows, err := readBREC(ctx, o)
	if err != nil {
		return nil, err
	}
	s := new(graph6Source)
	for _, r := range rows {
		s.texts = append(s.texts, r.a, r.b)
	}
	return &Set{Train: Slice(nil), Val: Slice(nil), Test: s}, nil
}

// brecRow is a line of the file.
type brecRow struct{ category, a, b string }

func readBREC(ctx context.Context, o Options) ([]brecRow, error) {
	path, err := dataFile(o.Dir, brecInfo, expressivityFolder, "brec_pairs.tsv.gz", "brec_pairs.tsv")
	if err != nil {
		return nil, err
	}
	file, err := openData(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // only read from: closing cannot lose anything
	rows, err := parseBREC(ctx, newLines(path, file))
	if err != nil {
		return nil, err
	}
	if len(rows) != brecPairs {
		return nil, notPublished(path, 0, "%d pairs, expected %d", len(rows), brecPairs)
	}
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.category]++
	}
	for _, c := range brecCategories {
		if counts[c.name] != c.pairs {
			return nil, notPublished(path, 0, "%d pairs of category %s, expected %d", counts[c.name], c.name, c.pairs)
		}
	}
	return rows, nil
}

// maxBRECNodes is well above the 198 nodes of the largest graph.
const maxBRECNodes = 1000

func parseBREC(ctx context.Context, l *lines) ([]brecRow, error) {
	var rows []brecRow
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		line, err := l.next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		parts := bytes.Split(line, []byte("\t"))
		if len(parts) != 4 {
			return nil, l.fail("separate them by tabs", "%d values, expected the number of the pair, its category and two graphs", len(parts))
		}
		if _, err := l.whole(parts[0], "number of the pair", int64(len(rows)), int64(len(rows))); err != nil {
			return nil, err
		}
		r := brecRow{string(parts[1]), string(parts[2]), string(parts[3])}
		for _, text := range []string{r.a, r.b} {
			if reason := checkGraph6(text, maxBRECNodes); reason != "" {
				return nil, l.fail("", "%s", reason)
			}
		}
		rows = append(rows, r)
	}
}
