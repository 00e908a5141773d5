package depict

import (
	"cmp"
	"math"
	"slices"
)

// pack moves connected parts side by side, in rows about as broad as all rows are
// high times 1.6, with a space between them. Large parts come first.
func pack(points []Point, parts [][]int, space float64) {
	type block struct {
		part []int
		box  box
	}
	blocks := make([]block, len(parts))
	area, broadest := 0.0, 0.0
	for k, part := range parts {
		own := make([]Point, len(part))
		for n, i := range part {
			own[n] = points[i]
		}
		b := boxOf(own)
		blocks[k] = block{part, b}
		area += (b.width() + space) * (b.height() + space)
		broadest = max(broadest, b.width())
	}
	slices.SortStableFunc(blocks, func(a, b block) int { return cmp.Compare(len(b.part), len(a.part)) })
	limit := max(broadest, 1.6*math.Sqrt(area))
	top := 0.0 // of the row
	for len(blocks) > 0 {
		n, width, height := 0, -space, 0.0
		for n < len(blocks) && (n == 0 || width+space+blocks[n].box.width() <= limit) {
			width += space + blocks[n].box.width()
			height = max(height, blocks[n].box.height())
			n++
		}
		x := 0.0
		for _, b := range blocks[:n] {
			centre := (b.box.low.Y + b.box.high.Y) / 2
			shift := Point{x - b.box.low.X, top - height/2 - centre}
			for _, i := range b.part {
				points[i] = points[i].plus(shift)
			}
			x += b.box.width() + space
		}
		top -= height + space
		blocks = blocks[n:]
	}
}
