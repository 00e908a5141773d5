package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

// A group is a set of kernels with one subject. It becomes one assembly file and one file of Go declarations a level.
type group struct {
	name  string
	build func(g *gen)
}

var groups = []group{
	{"gemm", gemm},
	{"elementwise", elementwise},
	{"activation", activation},
	{"gradient", gradient},
	{"trig", trig},
	{"reduce", reduce},
	{"rows", rows},
	{"softmax", softmax},
	{"moments", moments},
	{"adamw", adamw},
	{"random", random},
	{"pair", pair},
	{"heads", heads},
	{"messages", messages},
	{"attend", attend},
	{"rotate", rotate},
	{"conv", conv},
	{"peak", peak},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("asm: ")
	dir := flag.String("dir", ".", "folder of package simd, which the files are written to")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q", flag.Arg(0))
	}
	if err := generate(*dir); err != nil {
		log.Fatal(err)
	}
}

// generate writes all files to dir and removes generated files that no group writes any more.
func generate(dir string) error {
	written := map[string]bool{}
	for _, gr := range groups {
		for _, l := range []level{avx2, avx512} {
			asm, stubs, err := render(gr, l)
			if err != nil {
				return fmt.Errorf("%s for %s: %w", gr.name, l, err)
			}
			base := filepath.Join(dir, fmt.Sprintf("%s_%s_amd64", gr.name, strings.ToLower(l.String())))
			for name, text := range map[string][]byte{base + ".s": asm, base + ".go": stubs} {
				if err := os.WriteFile(name, text, 0o644); err != nil {
					return err
				}
				written[name] = true
			}
		}
	}
	var errs []error
	for _, pattern := range []string{"*_avx2_amd64.*", "*_avx512_amd64.*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		errs = append(errs, err)
		for _, name := range names {
			if !written[name] {
				errs = append(errs, os.Remove(name))
			}
		}
	}
	return errors.Join(errs...)
}
