//! Crews of the year, sized so that the person-times come to the published number; and wishes that are
//! rightly refused.
//!
//! Inspections are made by certified people of the departments, who fill no sheets: so their outings add up
//! beside those of the sentinels.

use serde_json::json;

use crate::xiaogan::days::{at, on, plus, work};
use crate::xiaogan::random::Random;
use crate::xiaogan::script::{Script, sheet};
use crate::xiaogan::world::County;

/// Published: 1,198 person-times.
pub const PERSON_TIMES: usize = 1_198;
/// About so many go together.
const CREW: usize = 8;

/// Adds inspections until the person-times are exact.
pub fn write(script: &mut Script, counties: &[County], random: &mut Random) {
    let so_far: usize = script
        .counted
        .iter()
        .map(crate::xiaogan::script::Counted::person_times)
        .sum();
    let mut left = PERSON_TIMES
        .checked_sub(so_far)
        .expect("sweeps and joint actions stay below the published number");
    let crews = left / CREW;
    for nth in 0..crews {
        let county = &counties[if nth % 3 == 0 {
            0
        } else {
            nth % counties.len()
        }];
        let more = crews - nth - 1;
        let size = if more == 0 {
            left
        } else {
            random.between(CREW - 2, CREW + 2).min(left - more * 2)
        };
        left -= size;
        inspection(script, county, nth, crews, size, random);
    }
    assert_eq!(left, 0, "the last crew takes the rest");
}

fn inspection(
    script: &mut Script,
    county: &County,
    nth: usize,
    of: usize,
    size: usize,
    random: &mut Random,
) {
    let days = i32::try_from(5 + nth * 215 / of).expect("a year");
    let date = work(on(1, 29), days);
    let mut pool = county.certified();
    assert!((2..=pool.len()).contains(&size), "a crew of {size}");
    let mut crew = Vec::with_capacity(size);
    for _ in 0..size {
        crew.push(pool.remove(random.below(pool.len())));
    }
    let (code, name) = (county.plan.code, format!("inspection-{}", nth + 1));
    let safety = nth % 4 == 3;
    let minute = i8::try_from(nth % 60).expect("below 60");
    let start = at(date, 8, minute);
    let kind = if safety { "safety" } else { "inspection" };
    script
        .wish(
            start,
            &crew[0],
            code,
            "dispatch.open_sortie",
            json!({"members": crew, "kind": kind, "date": date.to_string()}),
        )
        .bind(&name);
    script.counted[county.index].crew(date, &crew);
    for visit in 0..random.between(2, 4) {
        let post = random.one(&county.posts);
        let Some(place) = post.institutions.iter().find(|it| !it.never) else {
            continue;
        };
        let found = if safety { random.below(4) } else { 0 };
        let fixed = found.min(random.below(4));
        let mut fields =
            json!({"sortie": format!("${name}"), "institution": place.code, "outcome": "ok"});
        if found > 0 {
            fields["hazards"] = json!({"found": found, "fixed": fixed});
        }
        let when = plus(start, 60 + 35 * i64::try_from(visit).expect("few visits"));
        script.wish(when, &crew[1], code, "dispatch.record_visit", fields);
        let counted = &mut script.counted[county.index];
        counted.visited.insert(place.code.clone());
        counted.add("hazards", i64::try_from(found).expect("few spots"));
        counted.add("hazards_fixed", i64::try_from(fixed).expect("few spots"));
    }
}

/// Wishes that are refused, with the reason.
pub fn refused(script: &mut Script, county: &County) {
    let code = county.plan.code;
    let (post, neighbour) = (&county.posts[3], &county.posts[4]);
    let batch = script.batch_id(county.index, at(on(3, 6), 9, 0));
    let task = sheet(&batch, &post.code);
    script
        .wish(
            at(on(3, 6), 9, 30),
            &neighbour.members[0],
            code,
            "dispatch.accept_task",
            json!({"task": task}),
        )
        .refused("not_yours");
    script
        .wish(
            at(on(3, 6), 9, 31),
            &neighbour.members[0],
            code,
            "dispatch.fill_row",
            json!({"task": task, "row": post.institutions[0].code, "outcome": "ok"}),
        )
        .refused("not_yours");
    // Sentinels observe; an inspection needs two certificates.
    script
        .wish(
            at(on(4, 12), 9, 0),
            &post.members[0],
            code,
            "dispatch.open_sortie",
            json!({"members": post.members, "kind": "inspection", "date": "2023-04-12"}),
        )
        .refused("not_certified");
    script
        .wish(
            at(on(4, 12), 9, 10),
            &post.members[0],
            code,
            "dispatch.issue_batch",
            json!({"name": "自行组织排查", "select": {"post": post.code}}),
        )
        .refused("not_allowed");
    script
        .wish(
            at(on(4, 13), 9, 0),
            &county.coordinator(),
            code,
            "dispatch.issue_batch",
            json!({"name": "黑名单复查", "select": {"list": "black"}}),
        )
        .refused("nothing_selected");
}
