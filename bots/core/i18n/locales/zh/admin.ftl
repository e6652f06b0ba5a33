### 管理员看到的文字。

## 命令

command-admin = 风格、队列、限制、统计
command-addstyle = 给所有人的新风格：附上图片发送 /addstyle 名字
command-importstyle = 从文件导入风格
command-queue = 谁在排队
command-pause = 收照片但不作画：/pause 18:00 回来
command-drain = 画完排队的，不再接收新的
command-open = 恢复开放
command-block = 禁止某人：/block telegram:123 原因
command-allow = 重新允许某人
command-blocks = 谁被禁止了
command-chats = 群组和服务器的设置
command-limits = 各种数量限制：/limits per_minute 5
command-stats = 最近一天的数字
command-audit = 管理员的操作记录，以及别人的尝试

## 管理

admin-styles = { $count } 个风格 · ● 启用 ◌ 休息 ✎ 草稿 ? 待审 ✕ 停用 ★ 默认
admin-state-draft = 草稿
admin-state-submitted = 待审
admin-state-on = 启用
admin-state-resting = 暂停
admin-state-retired = 停用
admin-used = 七天内画了 { $count } 次
admin-doubtful = 内容检查不会通过它的图片，请自行决定。
admin-enable = 启用
admin-rest = 暂时停用
admin-retire = 停用
admin-restore = 恢复
admin-discard = 丢弃
admin-title = 标题：{ $language }
admin-tags = 标签
admin-previews = 预览
admin-export = 导出
admin-refine = 精修
admin-refining = 正在精修“{ $title }” · { $percent } %
admin-refined = “{ $title }”已精修。画作与图片的差距从 { $before } 变为 { $after }（格拉姆距离，0 为相同）。
admin-not-better = “{ $title }”保持不变，没有找到更好的。
admin-move-first = ⤒ 最前
admin-move-earlier = ▲ 往前
admin-move-later = ▼ 往后
admin-make-default = 设为所有人的默认风格
admin-accept = 通过，给所有人
admin-decline = 不通过
admin-look = 看看
admin-submission = 有人把风格“{ $name }”提供给所有人。
admin-part-styles = 风格
admin-part-queue = 队列
admin-part-limits = 限制
admin-part-blocks = 已禁止
admin-part-stats = 统计
admin-part-audit = 记录
admin-is-open = ▶ 开放
admin-is-paused = ⏸ 暂停
admin-is-draining = ⏏ 收尾
admin-mode-open = ▶ 开放
admin-mode-paused = ⏸ 暂停
admin-mode-draining = ⏏ 收尾
admin-waiting = { $waiting } 个排队，{ $running } 个进行中
admin-oldest = 最久的等了 { $seconds } 秒。各聊天的照片数：
admin-blocked =
    { $count ->
        [0] 已禁止。
       *[other] 已禁止，并取消了 { $count } 个请求。
    }
admin-allowed = 已重新允许。
admin-not-blocked = 这一个没有被禁止。
admin-stats = { $hours } 小时：{ $chats } 个聊天里 { $people } 人的 { $photos } 张照片
admin-times = 等待中位数 { $wait } 秒，作画 { $work } 秒
admin-audit = 做过的事，最新的在前
admin-about-styles = 全部风格：查看、启用、改名、排序、停用；以及用户提交的风格
admin-about-cancel = 放弃一个请求
admin-job = 它在队列里的编号
admin-limit = 哪一项；不填则显示全部
admin-value = 多少；不填则恢复默认
admin-cancelled = 请求 { $job } 已放弃。
admin-discarded = 草稿已删除。
admin-declined = “{ $title }”仍然只归它的主人。
admin-exported = 有了这个文件，在哪里都能做出同样的风格：在那里导入它。
admin-home = 管理
admin-part-chats = 聊天
admin-default = 所有人的默认风格
admin-offered = 用户提交的
admin-no-default = 不再作为默认风格
admin-move-first-named = 把{ $title }放到最前
admin-move-earlier-named = 把{ $title }上移
admin-move-later-named = 把{ $title }下移
admin-pictures = 选择图片
admin-name = 叫什么名字
admin-begin = 开始草稿
admin-import = 导入风格
admin-file = 风格文件 NAME.stylebot.json
admin-rename = 改名
admin-tags-how = 它是什么样的，用逗号分开
admin-words = 这期间对大家说的话
admin-column-request = 请求
admin-column-of = 谁的
admin-column-state = 状态
admin-column-age = 时长
admin-give-up = 取消
admin-give-up-named = 取消请求 { $job }
admin-limit-waiting = 队列里所有人的照片
admin-limit-waiting_per_user = 队列里每人的照片
admin-limit-per_minute = 每人每分钟的照片
admin-limit-running_per_user = 每人同时进行的请求
admin-limit-album = 一个请求里的照片
admin-limit-own_styles = 每人自己的风格
admin-between = { $least } 到 { $most }
admin-default-value = 恢复为 { $usual }
admin-whom = 谁，例如 web:123、telegram:123 或 chat discord:456
admin-why = 原因，只给管理员看
admin-block = 禁止
admin-allow = 重新允许
admin-allow-named = 重新允许 { $name }
admin-blocks =
    { $count ->
        [0] 没有人被禁止。
       *[other] 被禁止的有 { $count } 个，只保留化名。
    }
admin-chats-how =
    { $count ->
        [0] 还没有群组或服务器做过设置。
       *[other] 做过设置的群组和服务器。在这里的修改立即生效。
    }
admin-chat-styles = 允许的风格：{ $count } 个
admin-chat-all-styles = 允许所有风格
admin-photo-check = 不宜直接展示的照片
admin-spans = 最近多少小时
admin-job-queued = 等待中
admin-job-running = 进行中
admin-job-done = 正在送出
admin-job-delivered = 已送达
admin-job-failed = 失败
admin-job-cancelled = 已取消
admin-job-draft = 还没选风格
admin-best = 画得最多的
admin-column-when = 时间
admin-column-who = 谁
admin-column-act = 做了什么
admin-column-subject = 对象
admin-limits = 各种数量限制；括号里是默认值。
admin-ask-title = “{ $title }”的{ $language }标题叫什么？
admin-ask-tags = “{ $title }”有什么特点？用逗号分开各个词。
admin-add-how = 请发一张图片，或者同一位画家最多四张的相册。
admin-import-how = 请发风格文件 NAME.stylebot.json。
admin-ask-words = 这期间对大家说什么？例如：18:00 回来。
admin-ask-whom = 谁？一个人或一个聊天：telegram:123、discord:456 或 chat discord:789。
admin-ask-why = 为什么？只给管理员看。
admin-ask-limit = { $least } 到 { $most }，或发“usual”恢复为 { $usual }。
admin-place = 放到第几位，从 0 开始
admin-saved = 已保存。
admin-save = 保存
admin-change = 修改
admin-again = 再看一次
admin-language = 语言
admin-outcomes = 结果如何
admin-column-photos = 照片
