package clips

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/open"
)

// bandaiName takes a file's name apart; contents and styles may have hyphens.
var bandaiName = regexp.MustCompile(`^(dataset-[0-9]+)_([^_]+)_([^_]+)_([0-9]{1,6})$`)

// BandaiNamco is the set of the BVH files of the Bandai-Namco-Research-Motiondataset,
// 1 and 2. Content, Style and Take are told by the files' names, Group is dataset-1 or
// dataset-2. Other files than BVH are passed over.
func BandaiNamco(files fs.FS, o Options) (*Set, error) {
	s, err := newSet("bandai-namco", files, func(p string) (Item, bool, error) {
		if !isBVH(p) {
			return Item{}, false, nil
		}
		part := bandaiName.FindStringSubmatch(stem(p))
		if part == nil {
			return Item{}, false, &motion.FileError{File: p, Reason: fmt.Sprintf("the name %q tells no content and style, expected one such as dataset-2_walk_active_001", stem(p)), Hint: "take Folder for files with other names"}
		}
		take, _ := strconv.Atoi(part[4])
		return Item{Path: p, Group: part[1], Content: part[2], Style: part[3], Take: take}, true, nil
	})
	if err != nil {
		return nil, err
	}
	s.load = bandaiLoader(o)
	return s, nil
}

// bandaiLoader reads a clip in centimetres.
func bandaiLoader(o Options) loader {
	r := o.reader()
	r.BVH.Unit = 0.01
	return func(files fs.FS, p string) (*motion.Clip, error) { return open.Read(files, p, r) }
}
