package main

import (
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/clips"
	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/report"
)

// otherSet is a set that is not one of graphs, as the commands of data sets know it.
type otherSet struct {
	name      string
	items     string // what it is of
	generated bool
	origin    string // what to get
	into      string // where to put it: "at " or "into "
	folder    string // below that of data
	info      func(format report.Format) error
	// show reads the item of a split that --index asks for.
	show func(c *cli.Context, split datasets.Split) (*shown, error)
}

// otherSets lists them.
func (p *program) otherSets() []otherSet {
	var list []otherSet
	for _, info := range tableqa.List() {
		list = append(list, otherSet{info.Name, "questions about tables", info.Generated, info.Origin, "at ", info.Folder,
			func(f report.Format) error { return p.tableSetInfo(info, f) },
			func(c *cli.Context, s datasets.Split) (*shown, error) { return showQuestion(c, info, s) }})
	}
	for _, info := range imagesets.List() {
		list = append(list, otherSet{info.Name, "images", false, info.Origin, "into ", info.Folder,
			func(f report.Format) error { return p.imageSetInfo(info, f) },
			func(c *cli.Context, s datasets.Split) (*shown, error) { return showImage(c, info, s) }})
	}
	for _, info := range clips.List() {
		list = append(list, otherSet{info.Name, "clips of movement", false, info.Origin, "into ", info.Folder,
			func(f report.Format) error { return p.motionSetInfo(info, f) },
			func(c *cli.Context, s datasets.Split) (*shown, error) { return showClip(c, info, s) }})
	}
	return list
}

// otherSet finds one by its name; the error of one that is no set at all tells the nearest of all.
func (p *program) otherSet(name string) (otherSet, error) {
	for _, s := range p.otherSets() {
		if s.name == name {
			return s, nil
		}
	}
	return otherSet{}, &datasets.UnknownError{What: "data set", Name: name, Known: p.setNames()}
}

// setNames lists all sets, those of graphs first.
func (p *program) setNames() []string {
	names := datasets.Names()
	for _, s := range p.otherSets() {
		names = append(names, s.name)
	}
	return names
}

// unfetched says why a set has nothing to fetch, and what to do for its files.
func (s otherSet) unfetched(dir string) error {
	if s.generated {
		return generatedSet(s.name)
	}
	if dir == "" {
		dir = "DIR"
		if cache, err := datasets.Cache(); err == nil {
			dir = cache
		}
	}
	return misuse("%s, a set of %s, has no address from which it could be fetched; get %s, and put it %s%s", s.name, s.items, s.origin, s.into, filepath.Join(dir, s.folder))
}

// generatedSet says that a set needs no files.
func generatedSet(name string) error {
	return misuse("%s is generated: there is nothing to fetch; use it by its name", name)
}

// chosenItem is the item that --index and --split ask for, of n.
func chosenItem(c *cli.Context, name, items string, split datasets.Split, lengths [3]int) (int, error) {
	n, index := lengths[split], c.Int("index")
	if n == 0 {
		return 0, misuse("--split: %s has no %s %s; %s", name, split, items, otherSplits(lengths))
	}
	if index < 0 || index >= n {
		return 0, misuse("--index %d: the %s %s of %s are 0 to %d", index, split, items, name, n-1)
	}
	return index, nil
}
