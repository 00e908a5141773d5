package report

import (
	"bytes"
	_ "embed" // the page's template
	"fmt"
	"html/template"
	"image/color"
	"math"
	"slices"

	"github.com/google/renameio/v2"
)

//go:embed heatmap.html
var heatPage string

var heatTemplate = template.Must(template.New("heat map").Parse(heatPage))

// WriteHeatMapPage writes a heat map as one HTML page that needs nothing else: the
// whole table, with a choice of the view. Without scripts it shows the first. The file
// is there in full or not at all.
func WriteHeatMapPage(path string, h HeatMap) error {
	page, err := h.page()
	if err != nil {
		return fmt.Errorf("report: heat map %q: %w", h.Title, err)
	}
	if err := renameio.WriteFile(path, page, 0o644); err != nil {
		return fmt.Errorf("report: page %s cannot be written: %w; choose a folder that exists and that you may write to", path, err)
	}
	return nil
}

// heatCell is a cell, or a word, of the page.
type heatCell struct {
	Text, Value string
	Back, Ink   template.CSS
}

// css is a colour as a page writes it.
func css(c color.NRGBA) template.CSS {
	return template.CSS(fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B))
}

// heatChoice is one of the things that tell views apart, with all that it can be.
type heatChoice struct {
	Name   string
	Values []string
}

func (h *HeatMap) page() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	cell := func(text string, v float64) heatCell {
		return heatCell{text, heatValue(v), css(heatColour(v)), css(heatInk(v))}
	}
	data := struct {
		*HeatMap
		Header   []heatCell
		Rows     [][]heatCell
		Question []heatCell
		Choices  []heatChoice
		Ats      [][]string
		Shares   [][]int // of each view those of the words and then of the cells, in thousandths; -1: none
		Scale    []template.CSS
		Ends     [3][3]uint8
	}{HeatMap: h}
	first := h.Views[0]
	for r, row := range h.Cells {
		var cells []heatCell
		for j, text := range row {
			cells = append(cells, cell(text, first.Values[r][j]))
		}
		if r == 0 {
			data.Header = cells
		} else {
			data.Rows = append(data.Rows, cells)
		}
	}
	for k, word := range h.Words {
		data.Question = append(data.Question, cell(word, first.Words[k]))
	}
	for k, name := range h.By {
		c := heatChoice{Name: name}
		for _, v := range h.Views {
			if !slices.Contains(c.Values, v.At[k]) {
				c.Values = append(c.Values, v.At[k])
			}
		}
		data.Choices = append(data.Choices, c)
	}
	for _, v := range h.Views {
		data.Ats = append(data.Ats, v.At)
		shares := thousandths(nil, v.Words)
		for _, row := range v.Values {
			shares = thousandths(shares, row)
		}
		data.Shares = append(data.Shares, shares)
	}
	for k := range 21 {
		data.Scale = append(data.Scale, css(heatColour(float64(k)/20)))
	}
	for k, c := range heatScale {
		data.Ends[k] = [3]uint8{c.R, c.G, c.B}
	}
	var b bytes.Buffer
	err := heatTemplate.Execute(&b, data)
	return b.Bytes(), err
}

// thousandths appends shares as whole numbers, -1 for none.
func thousandths(to []int, shares []float64) []int {
	for _, v := range shares {
		if math.IsNaN(v) {
			to = append(to, -1)
			continue
		}
		to = append(to, int(math.Round(1000*min(max(v, 0), 1))))
	}
	return to
}
