package fetch

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/imagesets"
)

func TestCatalogue(t *testing.T) {
	names := Names()
	want := "bace bbbp cifar-10 cifar-100 citeseer cora enzymes esol fashion-mnist freesolv hiv imdb-binary lipophilicity mnist mutag nci1 peptides-func peptides-struct proteins zinc"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	places := map[string]File{}
	for _, name := range names {
		i, err := Find(name)
		if err != nil || i.Name != name || i.Title == "" || i.Verified == "" || len(i.Files) == 0 {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
		if err := i.check(); err != nil {
			t.Error(err)
		}
		if pictures, none := imagesets.Describe(name); none == nil {
			if i.folder() != pictures.Folder || len(i.Files) != len(pictures.Files) {
				t.Errorf("%s: %+v, and imagesets has %+v", name, i, pictures)
			}
		} else if info, err := datasets.Describe(name); err != nil || !info.Fetched {
			t.Errorf("%s: package datasets does not say that it can be fetched (%v)", name, err)
		}
		if i.Name == "zinc" || i.Folder == "nodes" {
			if i.convert.run == nil {
				t.Errorf("%s: what is made of the files verifies them, and nothing is", name)
			}
		}
		for _, f := range i.Files {
			if f.Size == 0 && f.MaxSize == 0 {
				t.Errorf("%s: %s has no limit of its own", name, f.Name)
			}
			if f.Verification() == "" && i.convert.run == nil {
				t.Errorf("%s: %s is not verified by anything", name, f.Name)
			}
			for _, u := range f.URLs {
				if a, err := url.Parse(u); err != nil || a.Scheme != "https" && f.SHA256 == "" { // a sound hash makes up for it
					t.Errorf("%s: %s is not https, and has no SHA-256", name, u)
				}
			}
			// A file that two items share is the same.
			place := i.folder() + "/" + f.Name
			if other, ok := places[place]; ok && (other.MD5 != f.MD5 || other.SHA256 != f.SHA256 || !slices.Equal(other.URLs, f.URLs)) {
				t.Errorf("%s: two items have another %s", name, f.Name)
			}
			places[place] = f
		}
	}
	for _, name := range datasets.Names() {
		if info, err := datasets.Describe(name); err != nil || info.Fetched != slices.Contains(names, name) {
			t.Errorf("%s: package datasets says that it can be fetched: %v, %v", name, info.Fetched, err)
		}
	}
	var unknown *UnknownError
	if _, err := Find("zink"); !errors.As(err, &unknown) || !strings.HasPrefix(err.Error(), `fetch: nothing to download is called "zink"; did you mean "zinc"? Known are bace, `) {
		t.Error(err)
	}
}

// TestFingerprint holds that all that decides content decides the fingerprint.
func TestFingerprint(t *testing.T) {
	base := func() Item {
		return Item{Name: "a", Files: []File{{Name: "b", URLs: []string{"https://example.invalid"}, Size: 1, Unpack: Zip, Members: []Member{{"c", ""}}}}}
	}
	seen := map[string]string{base().fingerprint(): "nothing"}
	for name, change := range map[string]func(i *Item){
		"folder": func(i *Item) { i.Folder = "x" }, "name": func(i *Item) { i.Files[0].Name = "x" }, "size": func(i *Item) { i.Files[0].Size = 2 },
		"sha": func(i *Item) { i.Files[0].SHA256 = sha(nil) }, "md5": func(i *Item) { i.Files[0].MD5 = sum5(nil) }, "unpack": func(i *Item) { i.Files[0].Unpack = TarGz },
		"members": func(i *Item) { i.Files[0].Members = nil }, "hash": func(i *Item) { i.Files[0].Members[0].SHA256 = sha(nil) }, "convert": func(i *Item) { i.convert.version = "2" },
	} {
		i := base()
		change(&i)
		if other, ok := seen[i.fingerprint()]; ok {
			t.Errorf("%s and %s have one fingerprint", name, other)
		}
		seen[i.fingerprint()] = name
	}
	i := base()
	i.Title, i.Files[0].URLs = "x", nil
	if seen[i.fingerprint()] != "nothing" {
		t.Error("what does not decide content changes the fingerprint")
	}
}
