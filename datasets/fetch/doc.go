// Package fetch brings data sets from their official addresses into a cache: resumed
// where a download was cut off, checked before anything is opened, unpacked without
// trust in the archive, and never left half done under a final name.
//
// # Main types
//
//   - [Cache] is a folder of data sets; [Cache.Get] makes one complete.
//   - [Item] is a data set: [File] values with addresses, sizes and hashes, and what
//     is to be unpacked of them. [Names] lists the built-in ones, [Find] gives one.
//   - [Options] say how patient to be and who is told of progress; [Result] says what
//     is there now and how far it was verified.
//
// # Use
//
//	item, err := fetch.Find("mutag")
//	if err != nil {
//		return err
//	}
//	result, err := fetch.Cache{}.Get(ctx, item, fetch.Options{})
//	if err != nil {
//		return err
//	}
//	for _, f := range result.Files {
//		fmt.Println(filepath.Join(result.Dir, f.Name), f.SHA256)
//	}
//
// # What is promised
//
// A file comes under its name only when it is complete, synced and verified; until
// then it is NAME.part, which the next call goes on with if the server still has the
// same version. A file with a wrong hash is kept as NAME.bad. A file that lies in the
// cache already, because somebody without network put it there, is verified and used.
// Every call hashes what is there again. Two processes never work on one item at the
// same time: the second waits, and is told for whom.
//
// Addresses are asked over https with certificates checked, unless an address itself
// says http; redirects are followed a few times and never from https to http. Links,
// absolute names, names with "..", two members of one name and bombs (see [Limits])
// make an archive refused as a whole, before any of it is in place.
//
// Where pickles are the official form (ZINC, Planetoid, the split of Peptides) they are
// read by package datasets/unpickle, which runs no code, and written in the form
// that package datasets reads.
//
// # Errors
//
// A file that cannot be had is a [*FileError] that says where to put it, with which
// hash; wrong content is a [*ChecksumError]; an archive that is damaged or hostile is
// an [*ArchiveError], and a pickle or list that is not the published one a
// [*ContentError]; an item that another process works on is a [*LockedError] where
// waiting is not wanted; an unknown name is an [*UnknownError]. A context that ends
// gives its own error; what had arrived stays for the next call.
//
// # Imports
//
// datasets, datasets/imagesets, datasets/unpickle, internal/bounded and internal/nearest.
package fetch
