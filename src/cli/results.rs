//! `frontierd results`: everything ever submitted, whatever its status.

use super::Failure;
use super::args::Connection;
use super::format::{margin, number, short, usd};
use super::output::{Format, answer};
use super::screen::Screen;
use super::table::{Align, Table};
use crate::limits::PAGE_SIZE_MAX;
use crate::proto::v1::{ListResultsRequest, ListResultsResponse, ResultRecord, Status};

/// List results, newest first, whatever their status
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd results --benchmark livecodebench-cot --model sonnet-1022"
)]
pub(super) struct Args {
    /// Benchmark id
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "model",
        default_value = "",
        hide_default_value = true
    )]
    benchmark: String,
    /// Model id or alias
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    model: String,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        if self.benchmark.is_empty() && self.model.is_empty() {
            return Err(Failure::Usage(
                "results of what? give `--benchmark ID`, `--model ID`, or both".to_owned(),
            ));
        }
        let limit = self.limit as usize;
        let mut request = ListResultsRequest {
            benchmark: self.benchmark,
            model: self.model,
            page_size: limit.min(PAGE_SIZE_MAX) as i32,
            page_token: String::new(),
        };
        let mut client = self.connection.client().await?;
        let mut list = client.list_results(request.clone()).await?;
        while list.results.len() < limit && !list.next_page_token.is_empty() {
            request.page_token = std::mem::take(&mut list.next_page_token);
            let page = client.list_results(request.clone()).await?;
            list.results.extend(page.results);
            list.next_page_token = page.next_page_token;
        }
        list.results.truncate(limit);
        answer(format, "ListResultsResponse", &list, |list| {
            render(list, Screen::of_stdout())
        })
    }
}

fn render(list: &ListResultsResponse, screen: Screen) -> String {
    if list.results.is_empty() {
        return "no results\n".to_owned();
    }
    let mut table = Table::new([
        ("revision", Align::Right),
        ("counts", Align::Left),
        ("status", Align::Left),
        ("benchmark", Align::Left),
        ("model", Align::Left),
        ("score", Align::Right),
        ("±", Align::Left),
        ("cost/task", Align::Right),
        ("observed", Align::Left),
        ("evaluator", Align::Left),
        ("source", Align::Left),
    ]);
    for record in &list.results {
        table.row(cells(record));
    }
    let mut text = table.show(screen, &["source", "evaluator", "counts", "±"]);
    for record in &list.results {
        if let Some(change) = record.history.last() {
            text.push_str(&super::table::printable(&format!(
                "{}: {} by {} at revision {}: {}",
                record.revision,
                short(change.status().as_str_name(), "STATUS_").to_lowercase(),
                change.author,
                change.revision,
                change.reason
            )));
            text.push('\n');
        }
    }
    text
}

fn cells(record: &ResultRecord) -> Vec<String> {
    let result = record.result.clone().unwrap_or_default();
    let status = match record.status() {
        Status::Unspecified => String::new(),
        status => short(status.as_str_name(), "STATUS_").to_lowercase(),
    };
    vec![
        record.revision.to_string(),
        if record.counting { "*" } else { "·" }.to_owned(),
        status,
        result.benchmark,
        result.model,
        result.score.map_or_else(String::new, number),
        result.score.map_or_else(String::new, |score| {
            margin(score, record.interval.as_ref(), 1)
        }),
        record
            .task_cost
            .as_ref()
            .map_or_else(String::new, |cost| usd(cost.central_usd)),
        result.observed_date,
        result.evaluator,
        result.source_url,
    ]
}
