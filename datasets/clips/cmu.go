package clips

import (
	"io/fs"
	"path"
	"strings"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/open"
)

// Units of the two skeletons that CMU's files come with, in metres.
const (
	cgspeedUnit = 0.0254 / 0.45
	dazUnit     = 0.01
)

// CMU is the set of the BVH files of the CMU Graphics Lab Motion Capture Database.
// Content is what the name ends with after the last _ if that is a word, such as walk
// in cmu_12_01_walk, else the folder; Group is the number of the person, such as 12,
// where the name has it. Rest skeletons (standard_skeleton...) and other files are
// passed over.
//
// A clip with the skeleton of cgspeed.com, which has joints LHipJoint and RHipJoint,
// loses its first frame, a T-pose.
func CMU(files fs.FS, o Options) (*Set, error) {
	s, err := newSet("cmu", files, func(p string) (Item, bool, error) {
		name := stem(p)
		if !isBVH(p) || strings.HasPrefix(name, "standard_skeleton") {
			return Item{}, false, nil
		}
		i := Item{Path: p}
		if dir := path.Dir(p); dir != "." {
			i.Content = path.Base(dir)
		}
		words := strings.Split(strings.TrimPrefix(name, "cmu_"), "_")
		if last := words[len(words)-1]; len(words) > 1 && !isNumber(last) {
			i.Content = last
			words = words[:len(words)-1]
		}
		if len(words) == 2 && isNumber(words[0]) && isNumber(words[1]) {
			i.Group = words[0]
		}
		return i, true, nil
	})
	if err != nil {
		return nil, err
	}
	s.load = cmuLoader(o)
	return s, nil
}

// cmuLoader reads a clip with either skeleton.
func cmuLoader(o Options) loader {
	return func(files fs.FS, p string) (*motion.Clip, error) {
		c, err := open.Read(files, p, o.reader())
		if err != nil {
			return nil, err
		}
		switch {
		case c.Skeleton.Index("LHipJoint") >= 0 && c.Skeleton.Index("RHipJoint") >= 0:
			c.Unit = cgspeedUnit
			c = c.Cut(min(1, c.Frames()), c.Frames())
		case c.Skeleton.Index("abdomen") >= 0:
			c.Unit = dazUnit
		}
		return c, nil
	}
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
