//! The import files: departments, posts, people, institutions, owners, routes, schedules.
//!
//! Plain CSV with a header row, as `picket import` reads it. What stands in them comes from `world`.

use crate::xiaogan::world::{Area, County, DEPARTMENTS, city, inspectors, person};

/// Rows of the routing table: violation, training, who leads, who assists, joint action proposed.
pub const ROUTES: &[(&str, &str, &str, &str, bool)] = &[
    ("H1", "custody", "edu", "mkt;fir", true),
    ("H1", "*", "edu", "pol;mkt", true),
    ("H2", "*", "edu", "mkt;pol", false),
    ("H3", "*", "edu", "mkt;urb", true),
    ("Q1", "arts", "cul", "edu;mkt", true),
    ("Q1", "science", "sci", "edu;mkt", true),
    ("Q1", "*", "edu", "mkt;pol", true),
    ("Q2", "arts", "cul", "mkt", false),
    ("Q2", "science", "sci", "mkt", false),
    ("Q2", "*", "edu", "mkt", false),
    ("Q3", "*", "edu", "mkt", false),
    ("Q4", "*", "edu", "mkt", true),
    ("P1", "*", "edu", "", false),
    ("P2", "*", "edu", "pol", false),
    ("M1", "*", "edu", "cul", false),
    ("M2", "*", "edu", "", false),
    ("F1", "*", "edu", "pbc;mkt", false),
    ("F2", "*", "edu", "pbc;pol", false),
    ("F3", "*", "ndr", "edu;mkt", false),
    ("F4", "*", "mkt", "edu", false),
    ("A1", "*", "mkt", "urb;edu", false),
    ("S1", "*", "fir", "edu", false),
    ("S2", "*", "mkt", "edu;fir", false),
    ("S3", "*", "pol", "edu", false),
    ("C1", "*", "edu", "mkt", false),
    ("D1", "*", "edu", "pol", false),
    ("*", "*", "edu", "", false),
];

/// Who leads and assists for these codes at a place of this training, and whether joint action is proposed.
pub fn route(codes: &[&str], training: &str) -> (&'static str, Vec<&'static str>, bool) {
    let row = ROUTES
        .iter()
        .find(|row| (codes.contains(&row.0) || row.0 == "*") && (row.1 == training || row.1 == "*"))
        .expect("the last row matches anything");
    (
        row.2,
        row.3.split(';').filter(|part| !part.is_empty()).collect(),
        row.4,
    )
}

/// Areas as they stand in `areas.csv`.
pub fn areas(csv: &str) -> Vec<Area> {
    let cells = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    let row = |line: &str| match <[String; 4]>::try_from(cells(line)) {
        Ok([code, name, level, parent]) => Area {
            code,
            name,
            level,
            parent,
        },
        Err(_) => panic!("areas.csv has four columns"),
    };
    csv.lines().skip(1).map(row).collect()
}

/// `departments.csv`: the nine stand in the city, so that every county sees them.
pub fn departments() -> String {
    table(
        "code,name,area",
        DEPARTMENTS
            .iter()
            .map(|(code, name, _)| vec![(*code).to_owned(), (*name).to_owned(), "4209".to_owned()]),
    )
}

/// `posts.csv`
pub fn posts(counties: &[County]) -> String {
    let row = |post: &super::world::Post| {
        let kind = if post.school { "school" } else { "community" };
        vec![
            post.code.clone(),
            post.name.clone(),
            kind.to_owned(),
            post.area.clone(),
            post.leader.clone(),
            post.members.join(";"),
        ]
    };
    table(
        "code,name,kind,area,leader,members",
        counties.iter().flat_map(|county| &county.posts).map(row),
    )
}

/// `people.csv`: titles only.
pub fn people(counties: &[County]) -> String {
    let mut rows = Vec::new();
    let mut add = |code: String,
                   name: String,
                   roles: &str,
                   department: &str,
                   area: &str,
                   certificate: String| {
        let code = code.rsplit('/').next().expect("a code").to_owned();
        rows.push(vec![
            code,
            name,
            roles.to_owned(),
            department.to_owned(),
            area.to_owned(),
            certificate,
            "zh".to_owned(),
        ]);
    };
    let titles = [
        "市统筹员1号|coordinator",
        "市简报员1号|clerk",
        "市简报审核员1号|approver",
        "市督办员1号|supervisor",
        "市派驻监督员1号|overseer",
    ];
    for (n, title) in titles.iter().enumerate() {
        let (name, role) = title.split_once('|').expect("a title and a role");
        add(
            city(n + 1),
            name.to_owned(),
            role,
            "",
            "4209",
            String::new(),
        );
    }
    for n in 1..=2 {
        add(
            city(10 + n),
            format!("市教育执法员{n}号"),
            "inspector",
            "edu",
            "4209",
            format!("XG-90{n:02}"),
        );
    }
    for county in counties {
        let area = county.plan.code;
        for (n, post) in county.posts.iter().enumerate() {
            for (m, member) in post.members.iter().enumerate() {
                add(
                    member.clone(),
                    format!("哨兵{}号", 2 * n + m + 1),
                    "sentinel",
                    "",
                    &post.area,
                    String::new(),
                );
            }
            add(
                post.leader.clone(),
                format!("哨点负责人{}号", n + 1),
                "post_leader",
                "",
                &post.area,
                String::new(),
            );
        }
        add(
            county.coordinator(),
            "统筹员1号".to_owned(),
            "coordinator",
            "",
            area,
            String::new(),
        );
        add(
            county.dispatcher(),
            "分办员1号".to_owned(),
            "dispatcher",
            "",
            area,
            String::new(),
        );
        add(
            county.supervisor(),
            "督办员1号".to_owned(),
            "supervisor",
            "",
            area,
            String::new(),
        );
        for n in 0..2 {
            add(
                county.verifier(n),
                format!("复查员{}号", n + 1),
                "verifier",
                "",
                area,
                String::new(),
            );
        }
        for (n, (town, _)) in county.towns.iter().enumerate() {
            add(
                county.owner(n),
                format!("包保责任人{}号", n + 1),
                "owner",
                "",
                town,
                String::new(),
            );
        }
        for (d, (code, _, title)) in DEPARTMENTS.iter().enumerate() {
            add(
                county.head(d),
                format!("{title}负责人1号"),
                "head",
                code,
                area,
                String::new(),
            );
            for n in 0..inspectors(d) {
                let who = county.inspector(d, n);
                add(
                    who.clone(),
                    format!("{title}执法员{}号", n + 1),
                    "inspector",
                    code,
                    area,
                    who.replace("P-", "XG-"),
                );
            }
        }
    }
    table("code,name,roles,department,area,certificate,language", rows)
}

/// `institutions.csv`
pub fn institutions(counties: &[County]) -> String {
    let row = |county: &County, post: &super::world::Post, it: &super::world::Institution| {
        let kind = if it.school { "school" } else { "institution" };
        let (town, _) = county
            .towns
            .iter()
            .find(|(code, _)| *code == post.town)
            .expect("a post lies in a town");
        let district = format!("学区{}", &town[6..]);
        [
            &it.code,
            &it.name,
            kind,
            it.training,
            it.licence,
            &it.address,
            &post.area,
            &district,
            it.risk,
            "",
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let rows = counties.iter().flat_map(|county| {
        county.posts.iter().flat_map(move |post| {
            post.institutions
                .iter()
                .map(move |it| row(county, post, it))
        })
    });
    table(
        "code,name,kind,training,licence,address,area,school_district,risk,list",
        rows,
    )
}

/// `owners.csv`: a town each, the first of them for the rest of the county, and one institution by name.
pub fn owners(counties: &[County]) -> String {
    let mut rows = Vec::new();
    for county in counties {
        rows.push(vec![
            county.plan.code.to_owned(),
            String::new(),
            county.owner(0),
        ]);
        for (n, (town, _)) in county.towns.iter().enumerate() {
            rows.push(vec![town.clone(), String::new(), county.owner(n)]);
        }
    }
    let story = story_custody(&counties[0]);
    rows.push(vec![String::new(), story, person(0, 241)]);
    table("area,institution,person", rows)
}

/// The custody centre of the lead whose whole way is told.
pub fn story_custody(county: &County) -> String {
    let post = county
        .posts
        .iter()
        .find(|post| post.area == super::world::STORY_AREA)
        .expect("the post of the story");
    post.institutions
        .iter()
        .find(|it| it.training == "custody")
        .expect("a custody centre")
        .code
        .clone()
}

/// `routes.csv`
pub fn routes() -> String {
    let row = |(n, row): (usize, &(&str, &str, &str, &str, bool))| {
        [
            ((n + 1) * 10).to_string().as_str(),
            row.0,
            row.1,
            row.2,
            row.3,
            if row.4 { "true" } else { "false" },
        ]
        .map(str::to_owned)
        .to_vec()
    };
    table(
        "order,violation,training,lead,assist,joint",
        ROUTES.iter().enumerate().map(row),
    )
}

/// `schedules.csv`: those of the city. The county's own are defined by its coordinator in the script.
pub fn schedules() -> String {
    let row = |cells: [&str; 7]| cells.map(str::to_owned).to_vec();
    let rows = [
        row([
            "friday-digest",
            "0 17 * * FRI",
            "Asia/Shanghai",
            "working",
            "allow",
            "latest",
            r#"{"digest":{"to":["coordinator","supervisor"]}}"#,
        ]),
        row([
            "year-end-freeze",
            "0 18 31 12 *",
            "Asia/Shanghai",
            "any",
            "skip",
            "all",
            r#"{"freeze":{"name":"2023年度通报","rounding":"over"}}"#,
        ]),
    ];
    table("code,cron,zone,days,overlap,catch_up,does", rows)
}

fn table(header: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(header.split(','))
        .expect("memory takes any row");
    for row in rows {
        writer
            .write_record(row)
            .expect("rows are as long as the header");
    }
    String::from_utf8(writer.into_inner().expect("memory is flushed")).expect("made of strings")
}
