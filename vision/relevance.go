package vision

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// Relevance is a map over the patches of an image: how much of what the head reads comes from where.
type Relevance struct {
	Grid   tensor.Size // patches down and across
	Cell   tensor.Size // of a patch, in pixels
	Values []float32   // [height, width of the grid]: shares of all that is read, from 0 to 1
}

// At returns the value of a patch.
func (r Relevance) At(row, column int) float32 { return r.Values[row*r.Grid.Width+column] }

// Resize returns the map for the pixels of the image, [height, width], line by line, by bilinear interpolation between the
// centres of the patches; beyond the outermost centres their values hold.
func (r Relevance) Resize(image tensor.Size) []float32 {
	pixels := make([]float32, 0, image.Height*image.Width)
	between := func(pixel, cell, cells int) (int, int, float32) {
		at := (float64(pixel)+0.5)/float64(cell) - 0.5
		low := math.Floor(at)
		last := cells - 1
		return min(max(int(low), 0), last), min(max(int(low)+1, 0), last), float32(at - low)
	}
	for y := range image.Height {
		y0, y1, v := between(y, r.Cell.Height, r.Grid.Height)
		for x := range image.Width {
			x0, x1, u := between(x, r.Cell.Width, r.Grid.Width)
			top := r.At(y0, x0)*(1-u) + r.At(y0, x1)*u
			pixels = append(pixels, top*(1-v)+(r.At(y1, x0)*(1-u)+r.At(y1, x1)*u)*v)
		}
	}
	return pixels
}

// Relevance returns a map of every image by attention rollout (Abnar and Zuidema, "Quantifying Attention Flow in
// Transformers", ACL 2020, section 4): with W the attention weights of a layer, their mean over the heads, and the residual
// connection counting as much as they, A = (W + I)/2, its rows brought to the sum 1, and the product of all layers' A says
// how much of a token at the end comes from which at the start. The map is the class token's row, or the mean of all rows
// with MeanPool; what comes from the class token itself is left out.
//
// Rollout follows weights alone, and not what values and feed-forward parts make of them. The error of a model of linear
// attention says that it has no weights.
func (m *Model) Relevance(b *Batch) ([]Relevance, error) {
	if m.Config.Attention != Softmax {
		return nil, fmt.Errorf("vision: attention rollout follows the weights of softmax attention, and %v attention forms none: train a model with attention: %v", m.Config.Attention, Softmax)
	}
	var layers [][]float32 // [layers] of [pairs of all images], the mean over heads
	var offsets []int
	err := m.Inspect(b, func(a *encodings.Attention) {
		offsets = a.Queries
		layers = append(layers, headMeans(a.Weights))
	})
	if err != nil {
		return nil, err
	}
	maps := make([]Relevance, b.Items())
	pair := make([]int, b.Items()+1)
	for i := range maps {
		n := offsets[i+1] - offsets[i]
		pair[i+1] = pair[i] + n*n
		grid, err := m.Stem.Grid(b.Grid.Size(i))
		if err != nil {
			return nil, err
		}
		maps[i] = Relevance{Grid: grid, Cell: m.cell(b.Grid.Size(i), grid)}
	}
	parallel.For(len(maps), 1, parallel.Func(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			maps[i].Values = m.rollout(layers, pair[i], offsets[i+1]-offsets[i])
		}
	}))
	return maps, nil
}

// cell returns how many pixels a token stands for.
func (m *Model) cell(image, grid tensor.Size) tensor.Size {
	if p, ok := m.Stem.(*PatchEmbedding); ok {
		return p.Size
	}
	return tensor.Size{Height: (image.Height + grid.Height - 1) / grid.Height, Width: (image.Width + grid.Width - 1) / grid.Width}
}

// headMeans returns the mean over the heads of weights [pairs, heads].
func headMeans(weights *tensor.Tensor) []float32 {
	mean := make([]float32, weights.Rows())
	for r := range mean {
		sum := 0.0
		for _, w := range weights.Row(r) {
			sum += float64(w)
		}
		mean[r] = float32(sum / float64(weights.Cols()))
	}
	return mean
}

// rollout goes from what the head reads of the n tokens of an image, whose pairs begin at the given one, back to the
// patches, layer by layer: a row times matrices, in place of their product.
func (m *Model) rollout(layers [][]float32, pair, n int) []float32 {
	leading := m.Config.leading()
	row, next := make([]float64, n), make([]float64, n)
	if leading > 0 {
		row[0] = 1
	} else {
		for i := range row {
			row[i] = 1 / float64(n)
		}
	}
	for k := len(layers) - 1; k >= 0; k-- {
		clear(next)
		for i, share := range row {
			weights := layers[k][pair+i*n : pair+(i+1)*n]
			sum := 1.0
			for _, w := range weights {
				sum += float64(w)
			}
			share /= sum
			next[i] += share
			for j, w := range weights {
				next[j] += share * float64(w)
			}
		}
		row, next = next, row
	}
	values := make([]float32, n-leading)
	for j := range values {
		values[j] = float32(row[leading+j])
	}
	return values
}
