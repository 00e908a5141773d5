package dit

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/tensor"
)

// rotaryBase is that of the frequencies of all axes.
const rotaryBase = 10000

// Split shares the channels of a head out among the axes of places: of vision tokens frame, row and column, of motion
// tokens frame, x, y and z, in this order, which take interleaved pairs one axis after another. Motion has no slot where
// vision has rows or columns: the spatial axes of both do not line up, though the paper describes a z of 0 for vision.
type Split struct {
	Vision [3]int
	Motion [4]int
}

// Split7B is that of the 7B model: a quarter of the channels for the frame, the rest in equal parts. At a head of 64 these
// are 16, 24, 24 and 16, 16, 16, 16. A head must be a multiple of 16 channels.
func Split7B(headDim int) Split {
	t, rest := headDim/4, headDim-headDim/4
	return Split{Vision: [3]int{t, rest / 2, rest / 2}, Motion: [4]int{t, rest / 3, rest / 3, rest / 3}}
}

// Split17B is that of the 17B model: a third of the pairs, rounded down, for rows and for columns, and what is left for the
// frame; motion has as many for the frame and equal parts of the rest. At a head of 128 these are 44, 42, 42 and 44, 28,
// 28, 28.
func Split17B(headDim int) Split {
	side := headDim / 2 / 3 * 2
	t := headDim - 2*side
	each := (headDim - t) / 3 / 2 * 2
	return Split{Vision: [3]int{t, side, side}, Motion: [4]int{t, each, each, each}}
}

// Encodings are the rotary encodings of both kinds of tokens: [encodings.AxialRoPE] of three and of four axes.
func (s Split) Encodings() (vision, motion encodings.AxialRoPE) {
	vision = encodings.AxialRoPE{Axes: 3, Base: rotaryBase, SlowestFirst: true, Shares: s.Vision[:]}
	motion = encodings.AxialRoPE{Axes: 4, Base: rotaryBase, SlowestFirst: true, Shares: s.Motion[:]}
	return vision, motion
}

// Pose is the mean place of every joint less the mean over all joints, in the unit of the moments: where the tokens of a
// joint are, in all frames alike. The paper compares it with places that move and with learned ones; it does best (its
// table of position encodings). Millimetres are not scaled: the first pairs turn by hundreds of radians.
func Pose(m motion.Moments) [][3]float64 {
	pose := make([][3]float64, m.Joints())
	var centre [3]float64
	for i, v := range m.Mean {
		centre[i%3] += float64(v) / float64(len(pose))
	}
	for i, v := range m.Mean {
		pose[i/3][i%3] = float64(v) - centre[i%3]
	}
	return pose
}

// MotionLayout lays the tokens of some clips out, all of as many steps: a token for every joint of the pose, joint by
// joint in every step, at (step, x, y, z).
func MotionLayout(clips, steps int, pose [][3]float64) (*encodings.Layout, error) {
	if clips < 0 || steps < 0 {
		return nil, fmt.Errorf("dit: layout: %d clips of %d steps", clips, steps)
	}
	offsets := make([]int, clips+1)
	coords := make([]float64, 0, 4*clips*steps*len(pose))
	for b := range clips {
		for t := range steps {
			for _, p := range pose {
				coords = append(coords, float64(t), p[0], p[1], p[2])
			}
		}
		offsets[b+1] = offsets[b] + steps*len(pose)
	}
	return encodings.AtPoints(offsets, 0, 4, coords)
}

// VisionLayout lays the tokens of some videos out, all of the same size in patches: column by column in every row, row by
// row in every frame.
func VisionLayout(videos, frames, rows, columns int) (*encodings.Layout, error) {
	return encodings.OnGrid(videos, 0, frames, rows, columns)
}

// Rotary are the encodings of both kinds of tokens, made for heads of a width.
type Rotary struct{ vision, motion encodings.Encoder }

// NewRotary makes the encodings of a split for a number of heads. The error says which share does not fit.
func NewRotary(s Split, heads, headDim int) (*Rotary, error) {
	d := encodings.Dims{Width: heads * headDim, Heads: heads, HeadDim: headDim}
	vision, moving := s.Encodings()
	r := new(Rotary)
	var err error
	if r.vision, err = vision.New(d, nil); err != nil {
		return nil, fmt.Errorf("dit: vision tokens: %w", err)
	}
	if r.motion, err = moving.New(d, nil); err != nil {
		return nil, fmt.Errorf("dit: motion tokens: %w", err)
	}
	return r, nil
}

// Places are where the tokens of a batch are, in one pass.
type Places struct {
	Vision, Motion *encodings.Layout
	vision, motion encodings.Positions
	items          []int32 // [vision tokens]: the video of each
}

// Begin starts a pass over videos and clips in these layouts, one clip a video. The error says which layout does not fit.
func (r *Rotary) Begin(tp *tensor.Tape, vision, moving *encodings.Layout) (*Places, error) {
	if vision.Items() != moving.Items() {
		return nil, fmt.Errorf("dit: %d videos and %d clips: want one clip for each video", vision.Items(), moving.Items())
	}
	p := &Places{Vision: vision, Motion: moving}
	var err error
	if p.vision, err = r.vision.Begin(tp, vision); err != nil {
		return nil, fmt.Errorf("dit: vision tokens: %w", err)
	}
	if p.motion, err = r.motion.Begin(tp, moving); err != nil {
		return nil, fmt.Errorf("dit: motion tokens: %w", err)
	}
	for b := range vision.Items() {
		for range vision.Offsets[b+1] - vision.Offsets[b] {
			p.items = append(p.items, int32(b))
		}
	}
	return p, nil
}

// Crossed is the encoding of an attention whose queries are vision tokens and whose keys are motion tokens.
func (p *Places) Crossed() encodings.Positions { return crossed{query: p.vision, key: p.motion} }

// crossed lets one encoding turn the queries and another one the keys. Both do nothing else.
type crossed struct {
	encodings.Silent
	query, key encodings.Positions
}

// Attend hands over both rotations.
func (c crossed) Attend(tp *tensor.Tape, a *encodings.Attention) {
	q, k := *a, *a
	c.query.Attend(tp, &q)
	c.key.Attend(tp, &k)
	a.RotateQuery, a.RotateKey = q.RotateQuery, k.RotateKey
}
