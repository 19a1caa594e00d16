//! Who and what there is: seven counties with their posts, people and institutions.
//!
//! Areas are the real ones of `areas.csv`; everything else is made from them. People are titles with a
//! number, institutions are named after their community. Codes are unique over the whole city, so that a
//! line of the script can be read without looking up where it happens.

use crate::xiaogan::random::Random;

/// The departments of the source, with the name people read. The first is the bureau's own.
pub const DEPARTMENTS: [(&str, &str, &str); 9] = [
    ("edu", "孝感市教育局", "教育"),
    ("mkt", "孝感市市场监督管理局", "市场监管"),
    ("cul", "孝感市文化和旅游局", "文旅"),
    ("sci", "孝感市科学技术局", "科技"),
    ("pol", "孝感市公安局", "公安"),
    ("ndr", "孝感市发展和改革委员会", "发改"),
    ("urb", "孝感市城市管理执法局", "城管"),
    ("fir", "孝感市消防救援支队", "消防"),
    ("pbc", "中国人民银行孝感市分行", "人行"),
];

/// What a county must come to; the city's figures are the sums.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The county's code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Institutions on the list that are visited.
    pub listed: usize,
    /// Substantiated leads with a code H1–H3.
    pub hidden: usize,
    /// Other substantiated leads.
    pub other: usize,
    /// Leads that do not hold.
    pub not: usize,
    /// Leads from places on no list.
    pub places: usize,
    /// Leads from the hotline alone.
    pub hotline: usize,
    /// Hotline reports merged into a lead that was there.
    pub merged: usize,
}

const fn plan(
    code: &'static str,
    name: &'static str,
    listed: usize,
    leads: [usize; 3],
    places: usize,
    hotline: usize,
    merged: usize,
) -> Plan {
    Plan {
        code,
        name,
        listed,
        hidden: leads[0],
        other: leads[1],
        not: leads[2],
        places,
        hotline,
        merged,
    }
}

/// The published totals, split over the counties: 457 listed + 17 unlisted = 474 places, 26 + 24 + 19 = 69
/// leads, 8 merged reports. The split is made up, the sums are not.
pub const PLANS: [Plan; 7] = [
    plan("420902", "孝南区", 118, [9, 7, 5], 5, 1, 3),
    plan("420921", "孝昌县", 52, [3, 2, 2], 2, 0, 0),
    plan("420922", "大悟县", 48, [2, 2, 2], 1, 0, 0),
    plan("420923", "云梦县", 55, [3, 3, 2], 2, 0, 1),
    plan("420981", "应城市", 62, [3, 3, 3], 2, 0, 1),
    plan("420982", "安陆市", 58, [3, 3, 2], 2, 0, 1),
    plan("420984", "汉川市", 64, [3, 4, 3], 3, 1, 2),
];

/// Institutions of each county that are listed and never visited.
pub const NEVER_VISITED: usize = 3;
/// The community of the lead whose whole way is told.
pub const STORY_AREA: &str = "420902003004";
/// Its post is the ninth, so that its first sentinel is number 17.
const STORY_POST: usize = 8;

/// A row of `areas.csv`.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: String,
    /// The area around it.
    pub parent: String,
}

/// An institution on the list.
#[derive(Clone, Debug)]
pub struct Institution {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// A school, not a training institution.
    pub school: bool,
    /// What it trains; empty for a school.
    pub training: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Where it stands.
    pub address: String,
    /// Its risk: high places are swept in summer, normal ones in autumn.
    pub risk: &'static str,
    /// Nobody ever gets in.
    pub never: bool,
}

/// A sentinel post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// A school's post, not a community's.
    pub school: bool,
    /// Its territory.
    pub area: String,
    /// The town around it.
    pub town: String,
    /// The community's short name.
    pub place: String,
    /// Who signs its sheets off.
    pub leader: String,
    /// Who sweeps.
    pub members: [String; 2],
    /// What stands on its sheet.
    pub institutions: Vec<Institution>,
}

/// A county with everything in it.
#[derive(Clone, Debug)]
pub struct County {
    /// What it must come to.
    pub plan: Plan,
    /// Its place in the table.
    pub index: usize,
    /// Its posts.
    pub posts: Vec<Post>,
    /// Towns that have a post, with the name.
    pub towns: Vec<(String, String)>,
}

impl County {
    fn person(&self, number: usize) -> String {
        person(self.index, number)
    }
    /// Who issues batches.
    pub fn coordinator(&self) -> String {
        self.person(201)
    }
    /// Who classifies and routes.
    pub fn dispatcher(&self) -> String {
        self.person(202)
    }
    /// Who presses the late ones.
    pub fn supervisor(&self) -> String {
        self.person(203)
    }
    /// One of the two who verify.
    pub fn verifier(&self, which: usize) -> String {
        self.person(221 + which % 2)
    }
    /// The territorial owner of a town, by its place among the towns.
    pub fn owner(&self, town: usize) -> String {
        self.person(240 + town)
    }
    /// Who heads a department.
    pub fn head(&self, department: usize) -> String {
        self.person(300 + department * 10)
    }
    /// The nth certified inspector of a department.
    pub fn inspector(&self, department: usize, which: usize) -> String {
        self.person(301 + department * 10 + which)
    }
    /// Everybody with a certificate.
    pub fn certified(&self) -> Vec<String> {
        (0..DEPARTMENTS.len())
            .flat_map(|department| {
                (0..inspectors(department)).map(move |which| (department, which))
            })
            .map(|(d, w)| self.inspector(d, w))
            .collect()
    }
    /// An institution by its code.
    pub fn institution(&self, code: &str) -> &Institution {
        self.posts
            .iter()
            .flat_map(|post| &post.institutions)
            .find(|institution| institution.code == code)
            .expect("the code is of this county")
    }
}

/// How many certified inspectors a department has in each county.
pub fn inspectors(department: usize) -> usize {
    if department == 0 { 4 } else { 2 }
}

/// The place of a department in the table.
pub fn department(code: &str) -> usize {
    DEPARTMENTS
        .iter()
        .position(|(known, _, _)| *known == code)
        .expect("one of the nine")
}

/// The code of a person: each county has a thousand of its own.
pub fn person(county: usize, number: usize) -> String {
    format!("P-{:04}", county * 1000 + number)
}

/// A person of the city, in full.
pub fn city(number: usize) -> String {
    format!("4209/P-{}", 9000 + number)
}

/// The seven counties, from the areas.
pub fn counties(areas: &[Area], random: &mut Random) -> Vec<County> {
    PLANS
        .iter()
        .enumerate()
        .map(|(index, plan)| county(*plan, index, areas, random))
        .collect()
}

fn county(plan: Plan, index: usize, areas: &[Area], random: &mut Random) -> County {
    let towns: Vec<&Area> = areas
        .iter()
        .filter(|area| area.parent == plan.code)
        .collect();
    let within = |area: &&Area| {
        area.level == "community" && towns.iter().any(|town| town.code == area.parent)
    };
    let urban = |area: &&Area| area.name.contains("社区") || area.name.contains("居");
    let mut places: Vec<&Area> = areas.iter().filter(within).filter(urban).collect();
    places.extend(areas.iter().filter(within).filter(|area| !urban(area)));
    if let Some(story) = places.iter().position(|area| area.code == STORY_AREA) {
        let story = places.remove(story);
        places.insert(STORY_POST, story);
    }
    let mut county = County {
        plan,
        index,
        posts: Vec::new(),
        towns: Vec::new(),
    };
    let (mut left, mut number) = (plan.listed, 0);
    while left > 0 {
        let n = county.posts.len();
        let area = places[n];
        let size = if area.code == STORY_AREA {
            3
        } else {
            random.between(2, 5).min(left)
        };
        left -= size;
        let town = towns
            .iter()
            .find(|town| town.code == area.parent)
            .expect("a community lies in a town");
        if !county.towns.iter().any(|(code, _)| *code == town.code) {
            county.towns.push((town.code.clone(), town.name.clone()));
        }
        let place = short(&area.name);
        let school = n % 6 == 5;
        let institutions = (0..size)
            .map(|nth| institution(index, &mut number, nth, school, &place, town, area, random))
            .collect();
        let code = if index == 0 {
            format!("PO-{:02}", n + 1)
        } else {
            format!("PO-{index}{:02}", n + 1)
        };
        let name = if school {
            format!("{place}学校哨点")
        } else {
            format!("{place}哨点")
        };
        let members = [person(index, 2 * n + 1), person(index, 2 * n + 2)];
        county.posts.push(Post {
            code,
            name,
            school,
            area: area.code.clone(),
            town: town.code.clone(),
            place,
            leader: person(index, 101 + n),
            members,
            institutions,
        });
    }
    // Three doors that stay shut, each on a sheet of its own.
    for nth in 0..NEVER_VISITED {
        let post = 1 + nth * 3;
        let place = county.posts[post].place.clone();
        number += 1;
        let shut = Institution {
            code: format!("I-{:04}", index * 1000 + number),
            name: format!("{place}第{}艺术培训中心", 8 + nth),
            school: false,
            training: "arts",
            licence: "registered_only",
            address: format!("{place}{}号（停业）", 100 + nth),
            risk: "low",
            never: true,
        };
        county.posts[post].institutions.push(shut);
    }
    county
}

#[expect(clippy::too_many_arguments, reason = "one call, right above")]
fn institution(
    county: usize,
    number: &mut usize,
    nth: usize,
    school: bool,
    place: &str,
    town: &Area,
    area: &Area,
    random: &mut Random,
) -> Institution {
    *number += 1;
    let code = format!("I-{:04}", county * 1000 + *number);
    let address = format!("{}{place}{}号", town.name, random.between(1, 180));
    if school && nth == 0 {
        return Institution {
            code,
            name: format!("{place}小学"),
            school: true,
            training: "",
            licence: "licensed",
            address,
            risk: "normal",
            never: false,
        };
    }
    let story = area.code == STORY_AREA;
    let kinds = [
        ("custody", "托管服务部"),
        ("arts", "艺术培训中心"),
        ("subject", "文化课培训学校"),
        ("science", "科技培训中心"),
        ("sports", "体育培训俱乐部"),
        ("custody", "托管服务部"),
    ];
    let (training, kind) = if story {
        kinds[[1, 2, 0][nth]]
    } else {
        *random.one(&kinds)
    };
    let licence = match training {
        "custody" => *random.one(&["registered_only", "none"]),
        _ => *random.one(&["licensed", "licensed", "registered_only"]),
    };
    let risk = if training == "custody" || number.is_multiple_of(3) {
        "high"
    } else {
        "normal"
    };
    let ordinal = if story && training == "custody" {
        1
    } else {
        nth + 1
    };
    Institution {
        code,
        name: format!("{place}第{ordinal}{kind}"),
        school: false,
        training,
        licence,
        address,
        risk,
        never: false,
    }
}

/// The community's name without the name of its committee.
fn short(name: &str) -> String {
    let mut short = name.to_owned();
    for (long, brief) in [
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("村民委员会", "村"),
        ("村委会", "村"),
        ("居民委员会", "社区"),
        ("居委会", "社区"),
        ("村村", "村"),
    ] {
        short = short.replace(long, brief);
    }
    short
}
