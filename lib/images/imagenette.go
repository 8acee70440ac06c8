package images

import (
	"fmt"

	"anncapacity/lib/internal/fetch"
)

// imagenette is a folder whose subfolders are WordNet IDs. Class returns the name of the class instead.
type imagenette struct{ *folder }

// imagenetteClasses are the names of Imagenette's ten ImageNet classes by WordNet ID.
var imagenetteClasses = map[string]string{
	"n01440764": "tench",
	"n02102040": "English springer",
	"n02979186": "cassette player",
	"n03000684": "chain saw",
	"n03028079": "church",
	"n03394916": "French horn",
	"n03417042": "garbage truck",
	"n03425413": "gas pump",
	"n03445777": "golf ball",
	"n03888257": "parachute",
}

func openDownloadedImagenette(split string) (Dataset, error) {
	if split != "" {
		return nil, fmt.Errorf("imagenette: no split %q: it is opened whole", split)
	}
	dir, entry, err := downloaded("imagenette")
	if err != nil {
		return nil, err
	}
	return openImagenette(dir, entry.Members)
}

// openImagenette opens dir as a folder. It is an error if the number of photographs differs from that of the members or
// if a class is unknown.
func openImagenette(dir string, members []fetch.Member) (Dataset, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	want := 0
	for _, m := range members {
		want += m.Files
	}
	if f.Len() != want {
		return nil, fmt.Errorf("%s: %d photographs, want Imagenette's %d: remove this folder and run `anncapacity download imagenette`", dir, f.Len(), want)
	}
	d := imagenette{f}
	for i := range f.Len() {
		if d.Class(i) == "" {
			return nil, fmt.Errorf("%s: %s is of no class of Imagenette", dir, d.ID(i))
		}
	}
	return d, nil
}

func (imagenette) Name() string { return "imagenette" }

func (d imagenette) Class(i int) string { return imagenetteClasses[d.folder.Class(i)] }
