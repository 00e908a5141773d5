package excel_test

import (
	"bytes"
	"fmt"
	"os"

	"github.com/xuri/excelize/v2"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/excel"
)

func ExampleRead() {
	book := excelize.NewFile()
	defer book.Close()
	for cell, value := range map[string]any{"A1": "city", "B1": "people", "A2": "Lyon", "B2": 516092, "A3": "Bergen", "B3": 285911} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			fmt.Println(err)
			return
		}
	}
	file, err := book.WriteToBuffer()
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := excel.Read("cities.xlsx", bytes.NewReader(file.Bytes()), int64(file.Len()), excel.Options{}, tables.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tables.WriteMarkdown(os.Stdout, t)
	// Output:
	// | city   | people |
	// |--------|--------|
	// | Lyon   | 516092 |
	// | Bergen | 285911 |
}
