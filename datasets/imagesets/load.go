package imagesets

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/vision/images"
)

// DefaultValShare is the share of training images that are held out to validate on where
// Options say 0.
const DefaultValShare = 0.1

// Options say which data to load. The zero value is the standard data set.
type Options struct {
	// Dir is the folder of data files, a folder above it, or the one file there is; "" means
	// $GRAFT_DATA, and then the cache of package datasets.
	Dir string
	// Protocol is the rule that cuts the set into splits; the default is the first that its
	// Info names.
	Protocol Protocol
	// ValShare is the share of training images that [HeldOut] validates on; 0 means
	// DefaultValShare.
	ValShare float64
	// Seed draws what is held out.
	Seed uint64
	// Coarse takes the twenty superclasses of CIFAR-100 as classes.
	Coarse bool
	// Decode says how image files are read. Sets that are no image files ignore it.
	Decode images.DecodeOptions
	// Limit keeps only so many images of each split, evenly spaced, so that every class keeps
	// about its share in sets that are sorted by class.
	Limit datasets.Limit
}

// entry is a data set that Load knows: load gives all training images as Train, and Test.
type entry struct {
	info Info
	load func(ctx context.Context, e entry, o Options) (*Set, error)
}

// known lists the data sets in order of name.
func known() []entry {
	return []entry{
		{cifar10Info, loadCIFAR},
		{cifar10JPEGInfo, loadCIFARJPEG},
		{cifar10SubsetInfo, loadCIFAR},
		{cifar100Info, loadCIFAR},
		{fashionInfo, loadMNIST},
		{mnistInfo, loadMNIST},
	}
}

// Names lists the data sets that [Load] knows.
func Names() []string {
	var names []string
	for _, e := range known() {
		names = append(names, e.info.Name)
	}
	return names
}

// List gives the tables about all data sets.
func List() []Info {
	var all []Info
	for _, e := range known() {
		all = append(all, e.info.clone())
	}
	return all
}

// Describe gives the table about a data set without loading it. The error is a
// *datasets.UnknownError.
func Describe(name string) (Info, error) {
	e, err := find(name)
	return e.info.clone(), err
}

func find(name string) (entry, error) {
	i, err := datasets.Number("data set of images", name, Names())
	if err != nil {
		return entry{}, err
	}
	return known()[i], nil
}

// Load gives a data set by name. All but cifar-10-jpeg are read into memory and checked as a
// whole, and ctx can end that early; its files are decoded when an image is asked for. The
// set should be closed. See the package comment for the errors.
func Load(ctx context.Context, name string, o Options) (*Set, error) {
	e, err := find(name)
	if err != nil {
		return nil, err
	}
	if err := o.Limit.Check("images"); err != nil {
		return nil, fmt.Errorf("imagesets: %s: %w", name, err)
	}
	if o.ValShare == 0 {
		o.ValShare = DefaultValShare
	}
	if !(o.ValShare > 0 && o.ValShare < 1) {
		return nil, fmt.Errorf("imagesets: %s: the share %v of training images cannot be held out; give a number between 0 and 1", name, o.ValShare)
	}
	if o.Coarse && name != cifar100Info.Name {
		return nil, fmt.Errorf("imagesets: %s: it has no superclasses, only %s does", name, cifar100Info.Name)
	}
	if o.Protocol, err = e.info.protocol(o.Protocol); err != nil {
		return nil, err
	}
	if err := o.Decode.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	set, err := e.load(ctx, e, o)
	if err != nil {
		return nil, err
	}
	set.Protocol, set.Val = o.Protocol, empty()
	if o.Protocol == HeldOut {
		set.Train, set.Val = cut(set.Train, o.ValShare, o.Seed)
	}
	set.measure()
	set.limit(o.Limit)
	return set, nil
}
