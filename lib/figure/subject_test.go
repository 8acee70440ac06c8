package figure

import (
	"strings"
	"testing"
)

func TestSubjectSaysWhatItIsNot(t *testing.T) {
	for _, c := range []struct {
		about        Subject
		source, told string
	}{
		{photographs, "imagenette96 · resnet50-pqf", "Photographs: **imagenette96**. Network: ResNet-50, **resnet50-pqf**."},
		{generated, "generated images, untrained network", "say nothing about photographs"},
		{Subject{Dataset: "generated-500", Network: "imagenet1k_v2"}, "generated images · imagenet1k_v2", "not photographs"},
		{Subject{Dataset: "stl10", Network: "untrained"}, "stl10 · untrained network", "**Untrained network:**"},
	} {
		if got := c.about.source(); got != c.source {
			t.Errorf("%+v is %q, want %q", c.about, got, c.source)
		}
		if got := c.about.Markdown(); !strings.Contains(got, c.told) {
			t.Errorf("%+v: %q lacks %q", c.about, got, c.told)
		}
	}
	if strings.Contains(photographs.Markdown()+photographs.DescriptorsMarkdown(), "nothing") {
		t.Error("real photographs are called into doubt")
	}
	for _, told := range []string{"they are not photographs. Vectors: SIFT", "say nothing about photographs"} {
		if got := generated.DescriptorsMarkdown(); !strings.Contains(got, told) || strings.Contains(got, "network") {
			t.Errorf("%q lacks %q or names a network", got, told)
		}
	}
}
