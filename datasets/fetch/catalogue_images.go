package fetch

import "github.com/graft-ml/graft/datasets/imagesets"

// pictures are the sets of images that have addresses. Package imagesets reads their files as
// they are, packed.
func pictures() []Item {
	var all []Item
	for _, info := range imagesets.List() {
		if !info.Fetched() {
			continue
		}
		i := Item{Name: info.Name, Title: info.Title, Folder: info.Folder, Verified: "Size and MD5 are published."}
		for _, f := range info.Files {
			i.Files = append(i.Files, File{Name: f.Name, URLs: []string{f.URL}, Size: f.Size, MD5: f.MD5, SHA256: f.SHA256})
			if f.SHA256 != "" {
				i.Verified = "Size and MD5 are published; a SHA-256 is that of a file with that MD5."
			}
		}
		all = append(all, i)
	}
	return all
}
