use std::sync::Arc;use std::collections::BTreeMap;use picket_schemas::*;use picket_insight::Insight;
fn main(){
 let n:u64=std::env::args().nth(1).map(|s|s.parse().unwrap()).unwrap_or(50_000);
 let dir=std::env::temp_dir().join(format!("ins-{}",std::process::id()));std::fs::create_dir_all(&dir).unwrap();
 let mut i=Insight::open(&dir.join("i.db"),Default::default()).unwrap();
 let at:jiff::Timestamp="2023-03-06T01:00:00Z".parse().unwrap();
 let mut heads:BTreeMap<String,(u64,String)>=BTreeMap::new();
 let mut mk=|book:&str,evs:Vec<Vec<Event>>|{let (k,p)=heads.get(book).cloned().unwrap_or_default();
  let entries=evs.into_iter().map(|events|Entry{id:"01JABCDEFGH".into(),by:"420902/P-0017".into(),via:"telegram".into(),cause:Cause::Command,of:None,does:"dispatch.accept_task".into(),made:at,trace:String::new(),hops:0,events}).collect();
  let c=Commit{book:book.into(),n:k+1,at,prev:p,due:None,seen:BTreeMap::new(),reader:1,entries};let h=commit::hash(&c.encode());heads.insert(book.into(),(k+1,h.clone()));(Arc::new(c),h)};
 let d=|j:String|Event::decode("dispatch",&j).unwrap();let e=|j:String|Event::decode("escalation",&j).unwrap();
 let run=|name:&str,i:&mut Insight,cs:Vec<(Arc<Commit>,String)>|{let evs:usize=cs.iter().map(|c|c.0.entries.iter().map(|e|e.events.len()).sum::<usize>()).sum();let t=std::time::Instant::now();for ch in cs.chunks(4){i.apply(ch).unwrap();}let s=t.elapsed().as_secs_f64();println!("{name}: {evs} events {:.0}/s",evs as f64/s);};
 let ids:Vec<u64>=(1..=n).collect();
 macro_rules! go{($name:literal,$book:literal,$f:expr)=>{{let mut cs=vec![];for ch in ids.chunks(500){cs.push(mk($book,ch.iter().map(|k|$f(*k)).collect()));}run($name,&mut i,cs);}}}
 go!("task.issued","dispatch/420902",|k|vec![d(format!(r#"{{"type":"task.issued","task":"T-{k}","batch":"B-1","post":"PO-01","area":"420902003","rows":[{{"kind":"institution","id":"I-{k}"}}],"offered":["420902/P-17"],"need":1,"checklist":"sweep","window":{{"amount":5,"unit":"working_day"}},"answer_by":"2023-03-08T00:00:00Z"}}"#))]);
 go!("task.accepted","dispatch/420902",|k|vec![d(format!(r#"{{"type":"task.accepted","task":"T-{k}","person":"420902/P-17","taken":true}}"#))]);
 go!("clock.stopped+started","escalation/420902",|k|vec![e(format!(r#"{{"type":"clock.started","clock":"K-{k}","kind":"task.submit","on":"T-{k}","area":"420902003","duty":{{"people":["420902/P-17"]}},"post":"PO-01","span":{{"amount":5,"unit":"working_day"}},"rule":"the batch's window","calendar":"cn-2023","from":"2023-03-06T01:00:00Z","due":"2023-03-13T16:00:00Z","next":"2023-03-10T00:30:00Z"}}"#))]);
 go!("row.filled","dispatch/420902",|k|vec![d(format!(r#"{{"type":"row.filled","task":"T-{k}","row":"I-{k}","subject":{{"kind":"institution","id":"I-{k}"}},"outcome":"ok","by":"420902/P-17","sortie":"S-1","observed":"2023-03-06T01:00:00Z"}}"#))]);
 go!("clock.stopped","escalation/420902",|k|vec![e(format!(r#"{{"type":"clock.stopped","clock":"K-{k}","kind":"task.submit","on":"T-{k}","at":"2023-03-07T01:00:00Z","late":false}}"#))]);
 let t=std::time::Instant::now();let _=i.figures(&"420902".into(),at,"2023-12-31T00:00:00Z".parse().unwrap()).unwrap();println!("figures {:?}",t.elapsed());
 let t=std::time::Instant::now();let _=i.answer(&picket_schemas::ask::Question::Task{jurisdiction:"420902".into(),task:"T-7".into()},at).unwrap();println!("task {:?}",t.elapsed());
 println!("{} MB",std::fs::metadata(dir.join("i.db")).unwrap().len()/1_000_000);
 std::fs::remove_dir_all(dir).unwrap();
}
