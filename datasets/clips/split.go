package clips

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/splitmix"
)

// Parts are the numbers of the clips for training, validation and testing.
type Parts struct{ Train, Val, Test []int }

// SplitOptions say how clips are dealt.
type SplitOptions struct {
	Val, Test float64 // shares of the clips of each content; both 0 mean a tenth each
	Seed      uint64
}

// Split deals the clips of each content at random: shares are rounded, but clips of a
// content that has enough of them are in every part that has a share. The same set and
// seed give the same parts, whatever the folder's order.
func (s *Set) Split(o SplitOptions) Parts {
	if o.Val == 0 && o.Test == 0 {
		o.Val, o.Test = 0.1, 0.1
	}
	if !(o.Val >= 0 && o.Test >= 0 && o.Val+o.Test < 1) {
		panic(fmt.Sprintf("clips: Split: shares %g and %g, expected two of 0 or more that leave something", o.Val, o.Test))
	}
	byContent := map[string][]int{}
	for i := range s.Items {
		byContent[s.Items[i].Content] = append(byContent[s.Items[i].Content], i)
	}
	var p Parts
	for k, content := range append([]string{""}, s.Contents()...) {
		list := byContent[content]
		r := rand.New(rand.NewPCG(o.Seed, splitmix.Mix(uint64(k))))
		r.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		val, test := share(len(list), o.Val), share(len(list), o.Test)
		if val+test >= len(list) { // one at least is for training
			val, test = 0, min(test, max(0, len(list)-1))
		}
		p.Val = append(p.Val, list[:val]...)
		p.Test = append(p.Test, list[val:val+test]...)
		p.Train = append(p.Train, list[val+test:]...)
	}
	return p.sorted()
}

// share is a part of a number of clips: at least one if it is any.
func share(of int, part float64) int {
	if part == 0 || of == 0 {
		return 0
	}
	return max(1, int(math.Round(part*float64(of))))
}

// ByTake puts the last take of everything that was done more than once (of the same
// Group, Content and Style) into Test and the others into Train. What was done once is
// in neither, so that nothing is tested that was never learned. Takes of one person
// fall on both sides.
func (s *Set) ByTake() Parts {
	takes := map[string][]int{}
	for i := range s.Items {
		it := &s.Items[i]
		key := strings.Join([]string{it.Group, it.Content, it.Style}, "\x00")
		takes[key] = append(takes[key], i)
	}
	var p Parts
	for _, list := range takes {
		if len(list) < 2 {
			continue
		}
		slices.SortFunc(list, func(a, b int) int {
			if d := s.Items[a].Take - s.Items[b].Take; d != 0 {
				return d
			}
			return a - b
		})
		p.Train = append(p.Train, list[:len(list)-1]...)
		p.Test = append(p.Test, list[len(list)-1])
	}
	return p.sorted()
}

func (p Parts) sorted() Parts {
	for _, list := range [][]int{p.Train, p.Val, p.Test} {
		slices.Sort(list)
	}
	return p
}
