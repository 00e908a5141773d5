package imagesets

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/vision/images"
)

// None is a share of no images, where 0 means the default.
const None = -1

// DefaultShare is the share of images to validate on, and to test on, where OwnOptions say 0.
const DefaultShare = 0.1

// OwnOptions say how to read a set of the user's own. The zero value finds the classes in
// the data and, where the data do not name splits, draws a tenth of the images to validate
// on and a tenth to test on.
type OwnOptions struct {
	// Classes are the classes in order. Nil takes those that occur, in alphabetical order;
	// labels that are all whole numbers in a CSV file in order of the numbers.
	Classes []string
	// PathColumn, LabelColumn and SplitColumn name the columns of a CSV file; "" means path,
	// label, and split where there is such a column.
	PathColumn, LabelColumn, SplitColumn string
	// ValShare and TestShare are the shares of images to validate and test on where the data
	// have no such split, the same share of every class, drawn by Seed; 0 means DefaultShare,
	// None none. A share to validate on is taken of the training images if the data have test
	// images.
	ValShare, TestShare float64
	Seed                uint64
	// Decode says how image files are read.
	Decode images.DecodeOptions
	// Limit keeps only so many images of each split, evenly spaced.
	Limit datasets.Limit
}

// check resolves the defaults and refuses what makes no sense.
func (o *OwnOptions) check() error {
	for _, s := range []struct {
		name  string
		share *float64
	}{{"ValShare", &o.ValShare}, {"TestShare", &o.TestShare}} {
		switch {
		case *s.share == 0:
			*s.share = DefaultShare
		case *s.share == None:
			*s.share = 0
		case !(*s.share > 0 && *s.share < 1):
			return fmt.Errorf("imagesets: %s: %v, expected a number between 0 and 1, 0 for the default or None", s.name, *s.share)
		}
	}
	if o.ValShare+o.TestShare >= 1 {
		return fmt.Errorf("imagesets: ValShare %v and TestShare %v leave nothing to train on", o.ValShare, o.TestShare)
	}
	seen := map[string]bool{}
	for _, c := range o.Classes {
		if c == "" || seen[c] {
			return fmt.Errorf("imagesets: Classes: %q comes twice or is empty", c)
		}
		seen[c] = true
	}
	for _, n := range []int{o.Limit.Train, o.Limit.Val, o.Limit.Test} {
		if n < 0 {
			return fmt.Errorf("imagesets: Limit: %d images; give a positive number, or 0 for all", n)
		}
	}
	return o.Decode.Check()
}

// Open gives a set of the user's own: a folder or zip file with a folder of images for each
// class (see [Folder]), or a CSV or TSV file of paths and labels (see [Table]).
func Open(ctx context.Context, path string, o OwnOptions) (*Set, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, damaged(path, err)
	}
	switch lower := strings.ToLower(path); {
	case stat.IsDir(), strings.HasSuffix(lower, ".zip"):
		return Folder(ctx, path, o)
	case strings.HasSuffix(lower, ".csv"), strings.HasSuffix(lower, ".tsv"):
		return Table(ctx, path, o)
	}
	return nil, refused(path, 0, "name a folder of class folders, a zip file of one, or a .csv or .tsv file of paths and labels; IDX files are for OpenIDX", "it is no set of images")
}

// splits are the items of a set by the split that the data name; those of no split are in
// Train.
type splits struct {
	all   Source
	items [3][]int
	named [3]bool // whether the data name the split
}

// set makes a Set of the items, with what the data lack drawn from the training images.
func (s splits) set(name string, classes []string, o OwnOptions) (*Set, error) {
	set := &Set{Info: Info{Name: name, Title: "images of " + name, Classes: classes, Metric: "accuracy", Protocols: []Protocol{PublishedSplit}}, Protocol: PublishedSplit}
	set.Train, set.Val, set.Test = part{s.all, s.items[0]}, part{s.all, s.items[1]}, part{s.all, s.items[2]}
	rules := []string{"splits as the data name them"}
	if s.named == [3]bool{} {
		rules = nil
	}
	draw := func(share float64, seed uint64, purpose string) (drawn Source) {
		if share > 0 {
			rules = append(rules, fmt.Sprintf("%.3g of every class drawn by seed %d to %s", share, o.Seed, purpose))
		}
		set.Train, drawn = cut(set.Train, share, seed)
		return drawn
	}
	if !s.named[datasets.Test] {
		set.Test = draw(o.TestShare, o.Seed, "test on")
		o.ValShare /= 1 - o.TestShare // a share of what is left
	}
	if !s.named[datasets.Val] {
		set.Val = draw(o.ValShare, o.Seed+1, "validate on")
	}
	set.Info.SplitRule = strings.Join(rules, "; ")
	set.measure()
	if set.Train.Len() == 0 {
		return nil, fmt.Errorf("imagesets: %s: there are no images to train on", name)
	}
	for c, n := range set.Counts(datasets.Train) {
		if n == 0 {
			set.Notes = append(set.Notes, fmt.Sprintf("there are no training images of the class %q", classes[c]))
		}
	}
	set.limit(o.Limit)
	return set, nil
}
