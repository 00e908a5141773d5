package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/graft-ml/graft/datasets/fetch"
)

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "0,1\n1,2\n")
	}))
	defer server.Close()
	folder, err := os.MkdirTemp("", "cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	item := fetch.Item{Name: "toy", Files: []fetch.File{{
		Name: "edges.csv", URLs: []string{server.URL + "/edges.csv"},
		Size: 8, SHA256: "4fb66f2eb49dafe0e2b5fef4ed5c9b1d6db9de32b5d5d2d49a9bf98e1f2ff3b5",
	}}}
	cache := fetch.Cache{Dir: folder}
	_, err = cache.Get(context.Background(), item, fetch.Options{})
	var wrong *fetch.ChecksumError
	if errors.As(err, &wrong) {
		fmt.Println("refused: its", wrong.Kind, "is", wrong.Got)
		item.Files[0].SHA256 = wrong.Got // had this been a mistake of ours
	}
	for range 2 {
		r, err := cache.Get(context.Background(), item, fetch.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Files[0].Name, r.Files[0].Size, "bytes,", r.Fetched, "of them fetched")
	}
	// Output:
	// refused: its SHA-256 is 5a05c3373a50fb19c9d96733cddc770849657fc92c1765e73f49551b5ad0ae9f
	// edges.csv 8 bytes, 8 of them fetched
	// edges.csv 8 bytes, 0 of them fetched
}
