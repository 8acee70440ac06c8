package resnet50
import ("testing";"time";"fmt";"math/rand/v2";"os";"strconv")
func TestRun(t *testing.T){
 w:=Untrained(UntrainedSeed)
 batch:=32
 m,_:=NewModel(w,batch)
 crops:=make([]uint8,batch*cropBytes)
 for i:=range crops { crops[i]=uint8(rand.Uint32()) }
 m.Features(crops)
 n,_:=strconv.Atoi(os.Getenv("N")); if n==0 {n=20}
 var sum time.Duration; best:=time.Hour
 for range n { t0:=time.Now(); m.Features(crops); d:=time.Since(t0); sum+=d; best=min(best,d) }
 fmt.Printf("mean %.3f best %.3f\n",sum.Seconds()/float64(n),best.Seconds())
}
