//! The story, scene by scene: who does what at which hour, and what everybody hears of it.
//!
//! Whatever the bot says must be looked for here; `FakeChat::nothing_unexpected` settles that in the end.

use std::path::Path;

use picket_fakechat::FakeChat;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::driver::Driver;
use crate::phones::{Phones, photo};

const COORDINATOR: &str = "420902/P-0201";
const SENTINEL: &str = "420902/P-0017";
const LEADER: &str = "420902/P-0109";
const DISPATCHER: &str = "420902/P-0202";
const SUPERVISOR: &str = "420902/P-0203";
const HEAD: &str = "420902/P-0300";
const ISSUER: &str = "420902/P-0301";
const HANDLER: &str = "420902/P-0302";
const MARKET: &str = "420902/P-0311";
const FIRE: &str = "420902/P-0371";
const VERIFIER: &str = "420902/P-0221";
const CITY: &str = "4209/P-9001";
const APPROVER: &str = "4209/P-9003";
const GROUP: &str = "4209/G-01";
const BULLETIN: &str = "文昌社区专项排查通报";
const PEOPLE: [&str; 13] = [
    COORDINATOR,
    SENTINEL,
    LEADER,
    DISPATCHER,
    SUPERVISOR,
    HEAD,
    ISSUER,
    HANDLER,
    MARKET,
    FIRE,
    VERIFIER,
    CITY,
    APPROVER,
];

/// What must be in no log: names of people, what a complainant said, the platform's names, the token.
const CANARIES: [&str; 7] = [
    "哨兵17号",
    "哨兵18号",
    "家长七号",
    "canary-complainant",
    "canary-name",
    "AAcanary",
    "GPS-CANARY",
];

/// What the supervisor gets every working day.
const DIGEST: (&str, &str) = (SUPERVISOR, "日报");

/// A picture, where words are waited for.
const PICTURE: &str = "📷";

/// What happened, and how often: nothing is lost and nothing is there twice, whoever died.
const ONCE: [(&str, usize); 22] = [
    ("task.issued", 1),
    ("task.accepted", 1),
    ("row.filled", 3),
    ("place.reported", 1),
    ("task.submitted", 1),
    ("task.approved", 1),
    ("lead.opened", 3),
    ("lead.classified", 2),
    ("lead.routed", 2),
    ("lead.merged", 1),
    ("joint.decided", 2),
    ("action.reported", 3),
    ("action.closed", 1),
    ("verdict.recorded", 2),
    ("case.filed", 1),
    ("order.issued", 1),
    ("order.served", 1),
    ("step.acknowledged", 1),
    ("fix.reported", 1),
    ("fix.passed", 1),
    ("bulletin.frozen", 1),
    ("bulletin.approved", 1),
];

/// Everything of a telling.
struct Stage {
    chat: FakeChat,
    cluster: Cluster,
    clock: Driver,
    phones: Phones,
}

/// Tells it and returns the bulletin.
pub(crate) async fn tell(folder: &Path) -> Value {
    let chat = FakeChat::start().await;
    let cluster = Cluster::start(chat.clone());
    let clock = Driver::take(&cluster.at, "2023-12-22T09:00").await;
    let phones = Phones::hand_out(&chat, &PEOPLE);
    let mut stage = Stage {
        chat,
        cluster,
        clock,
        phones,
    };
    stage.opens(folder).await;
    stage.issue().await;
    stage.sheet().await;
    stage.route().await;
    stage.handle().await;
    stage.late().await;
    stage.bulletin().await;
    stage.end().await
}

impl Stage {
    /// Lets time go on; on the way these people hear these words, and nobody anything else.
    async fn until(&mut self, local: &str, hears: &[(&str, &str)]) {
        let running = self.cluster.running();
        self.clock.until(local, &running).await;
        for (who, words) in hears {
            let phone = self.phones.of(who);
            if *words == PICTURE {
                phone.0.gets_picture().await;
            } else {
                phone.gets(words).await;
            }
        }
        self.chat.nothing_unexpected();
    }

    /// Two replicas, the roster imported, three schedules, and everybody bound by a link.
    async fn opens(&mut self, folder: &Path) {
        self.cluster.serve("one", &PEOPLE);
        self.cluster.says("one", "picket serves", 1).await;
        self.cluster.run(
            "one",
            &["import", folder.to_str().expect("a path of text"), "--yes"],
        );
        self.clock.knows(&["4209", "420902"]);
        self.cluster.serve("two", &[]);
        self.cluster.says("two", "picket serves", 1).await;
        self.until("2023-12-22T09:05", &[]).await;
        let lines = std::fs::read_to_string(folder.join("script.jsonl")).expect("the acts");
        for line in lines
            .lines()
            .filter(|line| line.contains("schedule.define"))
        {
            let mut act: Value = serde_json::from_str(line).expect("JSON");
            let (by, within) = (
                act["as"].clone(),
                act["in"].as_str().unwrap_or("420902").to_owned(),
            );
            let fields = act.as_object_mut().expect("an act");
            for key in ["at", "as", "in"] {
                fields.remove(key);
            }
            self.cluster.run(
                "one",
                &[
                    "do",
                    "--as",
                    by.as_str().expect("a code"),
                    "--in",
                    &within,
                    "--command",
                    &act.to_string(),
                ],
            );
        }
        self.cluster
            .says("one", "whoever opens this link first is", PEOPLE.len())
            .await;
        for person in PEOPLE {
            let phone = self.phones.of(person);
            phone.0.opens(&self.link("one", person));
            phone.gets("绑定成功").await;
            phone.gets("待办").await;
        }
    }

    /// The invitation that a replica printed for somebody.
    fn link(&self, replica: &str, whose: &str) -> String {
        let said = self.cluster.said(replica);
        let after = said
            .split_once(&format!("first is {whose} in"))
            .expect("an invitation was printed")
            .1;
        after
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("https://"))
            .expect("a link stands below it")
            .to_owned()
    }

    /// Monday: the coordinator issues the batch; nobody takes the sheet until Wednesday, and is reminded.
    async fn issue(&mut self) {
        self.until("2023-12-25T08:30", &[DIGEST]).await;
        let coordinator = self.phones.of(COORDINATOR);
        coordinator.write("/new", "批次叫什么").await;
        coordinator.write("文昌社区专项排查", "覆盖哪个片区").await;
        coordinator.press("文昌社区", "哪类培训").await;
        coordinator.press("不填", "哪个风险").await;
        coordinator.press("不填", "任务给谁").await;
        coordinator.press("各哨点哨兵", "几天内").await;
        coordinator.press("5 个工作日", "1 个哨点").await;
        coordinator.press("确认", "文昌社区专项排查").await;
        self.until("2023-12-25T09:00", &[(SENTINEL, "排查任务 T-1")])
            .await;
        self.until(
            "2023-12-27T09:04",
            &[
                DIGEST,
                DIGEST,
                (LEADER, "排查任务 T-1"),
                (LEADER, "提醒"),
                (SENTINEL, "提醒"),
                (LEADER, "提醒"),
                (SENTINEL, "提醒"),
            ],
        )
        .await;
    }

    /// Wednesday: the sentinel accepts, fills the rows at the door, reports a place on no list and hands the sheet in.
    async fn sheet(&mut self) {
        self.until("2023-12-27T09:05", &[]).await;
        self.phones
            .of(SENTINEL)
            .press_hearing("我来接", "已接单", "T-1")
            .await;
        self.until("2023-12-27T10:05", &[]).await;
        let sentinel = self.phones.of(SENTINEL);
        sentinel.press("开始填报", "艺术培训中心").await;
        sentinel.press("正常", "文化课培训学校").await;
        self.until("2023-12-27T10:15", &[]).await;
        self.phones.of(SENTINEL).press("正常", "托管服务部").await;
        self.until("2023-12-27T10:40", &[]).await;
        let sentinel = self.phones.of(SENTINEL);
        sentinel.press("有问题", "托管服务部").await;
        sentinel.press("H1", "托管服务部").await;
        sentinel.press("完成", "托管服务部").await;
        // Whoever listens to the chat dies; what comes meanwhile is taken up by the other.
        self.cluster.kill_9("one");
        let sentinel = self.phones.of(SENTINEL);
        sentinel.0.sends_photo(photo(10));
        sentinel.gets("收到第 1 张照片").await;
        sentinel
            .write("二楼晚托班在讲初二数学，黑板有板书", "备注已记下")
            .await;
        sentinel.0.sends_location(30.92, 113.95, 12.0);
        sentinel.gets("位置已记下").await;
        sentinel.press("记下", "汇总").await;
        self.cluster.serve("one", &[]);
        self.until("2023-12-27T10:50", &[]).await;
        let sentinel = self.phones.of(SENTINEL);
        sentinel.write("/report", "在哪个片区").await;
        sentinel.press("文昌社区", "地址在哪里").await;
        sentinel.write("文昌社区3栋2单元302室", "看到了什么").await;
        sentinel.write("周末有家长送孩子上楼", "是哪些问题").await;
        sentinel.press("Q1", "是哪些问题").await;
        sentinel.press("完成", "是否紧急").await;
        sentinel.press("否", "请核对").await;
        sentinel.hear("确认", "已上报，编号 U-1").await;
        self.until("2023-12-27T11:10", &[(DISPATCHER, "线索 L-1 · 待分类")])
            .await;
        let sentinel = self.phones.of(SENTINEL);
        sentinel.write("/task T-1", "T-1").await;
        sentinel.press("汇总并提交", "汇总").await;
        sentinel.press("提交", "回执").await;
        self.until(
            "2023-12-27T16:00",
            &[
                (LEADER, "请审核"),
                (DISPATCHER, "线索 L-2 · 待分类"),
                (DISPATCHER, PICTURE),
            ],
        )
        .await;
        let leader = self.phones.of(LEADER);
        leader.press("通过", "T-1").await;
    }

    /// Thursday: the dispatcher classifies, routes by the table, merges what the hotline says, and decides on who goes.
    async fn route(&mut self) {
        self.until("2023-12-28T08:50", &[DIGEST]).await;
        self.cluster.run(
            "two",
            &[
                "do",
                "rectification.receive_report",
                "--as",
                DISPATCHER,
                "--in",
                "420902",
                "source=hotline",
                "subject.kind=institution",
                "subject.id=I-0033",
                "area=420902003004",
                "text=家长七号来电（canary-complainant）：晚托班收费补课",
            ],
        );
        self.until("2023-12-28T09:00", &[(DISPATCHER, "线索 L-3 · 待分类")])
            .await;
        let dispatcher = self.phones.of(DISPATCHER);
        dispatcher.write("/lead L-2", "待分类").await;
        dispatcher.press("分类", "属于哪些违规").await;
        dispatcher.press("完成", "待分派").await;
        self.until("2023-12-28T09:05", &[]).await;
        self.phones.of(DISPATCHER).press("按表分派", "L-2").await;
        self.until(
            "2023-12-28T09:10",
            &[
                (SENTINEL, "您发现的问题已分派 · L-2"),
                (HEAD, "线索 L-2 · 核查中"),
                (HEAD, PICTURE),
            ],
        )
        .await;
        let dispatcher = self.phones.of(DISPATCHER);
        dispatcher.write("/merge L-3 L-2", "请核对").await;
        dispatcher.press("确认", "L-3").await;
        self.until("2023-12-28T09:20", &[]).await;
        let dispatcher = self.phones.of(DISPATCHER);
        dispatcher.write("/lead L-2", "L-2").await;
        dispatcher.press("联合行动", "原因").await;
        dispatcher.press("涉及多个部门", "哪天行动").await;
        dispatcher.press("明天", "参加人员").await;
        for name in [
            "教育执法员1号",
            "教育执法员2号",
            "市场监管执法员1号",
            "市场监管执法员2号",
            "消防执法员1号",
            "消防执法员2号",
        ] {
            dispatcher.press(&format!("☐ {name}"), "参加人员").await;
        }
        dispatcher.press("完成（已选 6）", "请核对").await;
        dispatcher.press("确认", "L-2").await;
        self.until("2023-12-28T09:40", &[]).await;
        let dispatcher = self.phones.of(DISPATCHER);
        dispatcher.write("/lead L-1", "待分类").await;
        dispatcher.press("分类", "属于哪些违规").await;
        dispatcher.press("完成", "待分派").await;
        self.until("2023-12-28T09:41", &[]).await;
        self.phones.of(DISPATCHER).press("按表分派", "L-1").await;
        self.until(
            "2023-12-28T09:42",
            &[
                (SENTINEL, "您发现的问题已分派 · L-1"),
                (HEAD, "线索 L-1 · 核查中"),
            ],
        )
        .await;
        let dispatcher = self.phones.of(DISPATCHER);
        dispatcher.press("单独处置", "原因").await;
        dispatcher.press("事实清楚", "请核对").await;
        dispatcher.press("确认", "L-1").await;
    }

    /// Friday: three departments say what came of it; verdict, case, order, service.
    async fn handle(&mut self) {
        let outcomes = [
            ("10:30", DIGEST, ISSUER, "当场停课，登记学生14人"),
            ("10:40", (ISSUER, PICTURE), MARKET, "营业执照只有托管"),
            ("10:50", (MARKET, PICTURE), FIRE, "疏散通道堆物，当场清理"),
        ];
        for (at, before, who, outcome) in outcomes {
            self.until(&format!("2023-12-29T{at}"), &[before]).await;
            let phone = self.phones.of(who);
            phone.write("/lead L-2", "L-2").await;
            phone.press("报联合行动结果", "查到什么").await;
            phone.write(outcome, "请核对").await;
            phone.press("确认", "L-2").await;
        }
        self.until("2023-12-29T11:00", &[(FIRE, PICTURE)]).await;
        // One replica is rolled while people work.
        self.cluster.stop("one");
        self.cluster.serve("one", &[]);
        self.until("2023-12-29T11:30", &[]).await;
        let issuer = self.phones.of(ISSUER);
        issuer.write("/lead L-2", "L-2").await;
        issuer.press("属实", "核查情况").await;
        issuer.write("现场、教案、收费记录相互印证", "请核对").await;
        issuer.press("确认", "L-2").await;
        self.until("2023-12-29T14:30", &[]).await;
        let issuer = self.phones.of(ISSUER);
        issuer.press("立案", "两名办案人员").await;
        issuer.press("☐ 教育执法员1号", "两名办案人员").await;
        issuer.press("☐ 教育执法员2号", "两名办案人员").await;
        issuer.press("完成（已选 2）", "请核对").await;
        issuer.press("确认", "L-2").await;
        self.until("2023-12-29T14:40", &[]).await;
        let handler = self.phones.of(HANDLER);
        handler.write("/lead L-1", "L-1").await;
        handler.press("不属实", "核查情况").await;
        handler.write("住户自住，没有开课", "请核对").await;
        handler.press("确认", "L-1").await;
        self.until("2023-12-29T15:00", &[]).await;
        let issuer = self.phones.of(ISSUER);
        issuer.write("/case C-1", "C-1").await;
        issuer.press("开整改通知", "整改重点").await;
        issuer.press("隐形变异", "整改要求").await;
        issuer.press("立即停止违规培训", "具体整改内容").await;
        issuer.write("清退学员14人，退还费用", "法律依据").await;
        issuer.press("不填", "整改期限").await;
        issuer.press("5 个工作日", "请核对").await;
        issuer.press("确认", "Z-1").await;
        self.until("2023-12-29T16:00", &[]).await;
        let handler = self.phones.of(HANDLER);
        handler.write("/order Z-1", "Z-1").await;
        handler.press("送达", "怎么送达").await;
        handler.press("当面送达", "不能撤回").await;
        handler.press("确认", "Z-1").await;
    }

    /// Nobody moves: reminders, two steps of the ladder, and a promise that holds the third.
    async fn late(&mut self) {
        let reminded = [HEAD, ISSUER, HANDLER].map(|who| (who, "提醒 责令整改 Z-1"));
        self.until(
            "2024-01-08T09:00",
            &[[DIGEST; 5].as_slice(), &reminded].concat(),
        )
        .await;
        let first = [HEAD, ISSUER, HANDLER, LEADER].map(|who| (who, "第 1 级催办"));
        self.until("2024-01-09T09:00", &[[DIGEST].as_slice(), &first].concat())
            .await;
        // Whoever carries notices dies just before the next step is due.
        self.until("2024-01-11T08:29", &[DIGEST, DIGEST]).await;
        self.cluster.kill_9("two");
        let second = [HEAD, ISSUER, HANDLER, SUPERVISOR].map(|who| (who, "第 2 级催办"));
        self.until("2024-01-11T09:00", &second).await;
        self.cluster.serve("two", &[]);
        let head = self.phones.of(HEAD);
        let step = head.0.sees_now("第 2 级催办").await;
        for words in [
            "整改 · 文昌社区第1托管服务部",
            "责任：教育执法员2号",
            "01-08 24:00",
            "按第 2 级催办升级到您",
        ] {
            assert!(
                step.text.contains(words),
                "a step says what, whose, since when and why me: `{words}` in {}",
                step.text
            );
        }
        self.until("2024-01-11T09:10", &[]).await;
        let head = self.phones.of(HEAD);
        head.press("签收并承诺时限", "承诺什么时候").await;
        head.write("明天17:00", "已承诺").await;
        self.until("2024-01-12T10:00", &[DIGEST]).await;
        let handler = self.phones.of(HANDLER);
        handler.write("/refund C-1", "多少元").await;
        handler.write("12680", "凭证").await;
        handler.write("转账回单14张", "请核对").await;
        handler.press("确认", "C-1").await;
        self.until("2024-01-12T10:30", &[]).await;
        let handler = self.phones.of(HANDLER);
        handler.write("/fix Z-1", "怎么整改").await;
        handler.0.sends_photo(photo(30));
        handler.gets("怎么整改").await;
        handler.write("已停课，学费退清", "请核对").await;
        handler.press("确认", "Z-1").await;
        self.until("2024-01-12T14:00", &[(VERIFIER, "责令整改 Z-1 · 待复查")])
            .await;
        let issuer = self.phones.of(ISSUER);
        issuer.write("/verify Z-1", "Z-1").await;
        issuer
            .press_hearing("通过", "不能检查自己经办的事", "Z-1")
            .await;
        self.until("2024-01-15T10:00", &[DIGEST]).await;
        self.phones.of(VERIFIER).press("通过", "Z-1").await;
        self.until(
            "2024-01-15T10:01",
            &[(SENTINEL, "您发现的问题已整改 · L-2")],
        )
        .await;
    }

    /// The schedule freezes the bulletin, somebody else than a clerk approves it, and the group of the city gets it.
    async fn bulletin(&mut self) {
        self.until("2024-01-15T14:00", &[(CITY, BULLETIN)]).await;
        // The other replica is rolled; in its next life it invites the group.
        self.cluster.stop("two");
        self.cluster.serve("two", &[GROUP]);
        self.cluster
            .says("two", &format!("first is {GROUP} in"), 1)
            .await;
        let group = self.chat.group("全市排查工作群", -1_001);
        self.phones
            .of(CITY)
            .0
            .opens_in(&group, &self.link("two", GROUP));
        group.gets("本群已绑定").await;
        self.until("2024-01-15T15:00", &[]).await;
        let approver = self.phones.of(APPROVER);
        approver.write("/bulletin", "待审定").await;
        approver.press_hearing("审定", "已审定", "已审定").await;
        let told = group.gets(BULLETIN).await;
        assert!(
            !CANARIES.iter().any(|word| told.text.contains(word)),
            "nobody is named in a group: {}",
            told.text
        );
    }

    /// Nothing may be left unsaid, unasked or told to a log.
    async fn end(mut self) -> Value {
        self.until("2024-01-15T16:00", &[]).await;
        self.chat.all_confirmed().await;
        let bulletin = self.cluster.run("one", &["bulletin", "--json"]);
        for (kind, times) in ONCE {
            assert_eq!(self.clock.count(kind), times, "{kind}");
        }
        assert_eq!(
            self.clock.count("notice.unknown"),
            0,
            "it is known of every notice what became of it"
        );
        for name in self.cluster.running() {
            self.cluster.stop(&name);
        }
        for (name, said) in self.cluster.all_said() {
            for word in CANARIES.iter().chain(&["ERROR", "panicked"]) {
                assert!(!said.contains(word), "{name} says `{word}`:\n{said}");
            }
        }
        self.chat.nothing_unexpected();
        serde_json::from_str(&bulletin).expect("JSON")
    }
}
