### stylebot 说的话，简体中文。

## 排队

queue-next = { $title } · 马上轮到你
queue-place = { $title } · 前面还有 { $ahead } 张照片
queue-about = { $place } · 大约 { $seconds } 秒
queue-progress = { $title } · 第 { $done } 张，共 { $count } 张
queue-cancelled = 已取消。
queue-waits-for-engine = 画室暂时关门，你的照片会保留排队的位置。

## 结果

photo-skipped = 第 { $number } 张照片没有画成。{ $reason }
style-added = “{ $name }”现在是你的风格了。
style-removed = “{ $name }”已删除。

## 隐私

privacy =
    我保存的内容：你的设置、你自己的风格及其图片（已加密），以及 { $days } 天内的作画记录，其中只有平台给你照片的编号。你发来的照片和我画的图都不会保存，也不会用来训练，照片中的附加信息会被清除。
    /export 把全部内容发给你，/forget 把它们删除。
forgot = 已忘记：{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个任务，以及你的设置。

## 机器人的错误

error-unknown_style_name =
    { $close ->
        [none] 没有叫“{ $name }”的风格。发送 /styles 查看全部风格。
       *[other] 没有叫“{ $name }”的风格。你是不是想要 { $close }？
    }
error-style_resting = “{ $title }”正在休息，请换一个风格。
error-style_gone = 这个风格已经不在了，请换一个。
error-style_not_here = 这个聊天里没有“{ $title }”，请换一个风格。
error-bad_strength = 强度从 0（原照片）到 100。
error-no_photo = 没有照片。请用 /style 回复一张照片，或者把照片一起发来。
error-no_reference = 请用“this”回复你想要的风格所在的图片。
error-album_too_large = 一次最多 { $limit } 张照片。
error-blocked = 你不能使用我。
error-admins_only = 在这个聊天里，只有管理员可以这样做。
error-not_yours = 这是别人的。用 /style 回复那张照片，就能做你自己的。
error-too_many_waiting = 你已经有 { $waiting } 张照片在排队，最多 { $limit } 张。等画好一些再发吧。
error-too_fast = 每分钟最多 { $limit } 张照片，请在 { $seconds } 秒后再试。
error-queue_full = 有 { $waiting } 张照片在排队，请过几分钟再试。
error-too_many_own_styles = 你已经有 { $limit } 个自己的风格，这是上限。请先删除一个。
error-style_name_taken = 已经有叫“{ $name }”的风格了，请换一个名字。
error-bad_style_name = 名字要有 1 到 { $limit } 个字，不能是数字，也不能是“this”。
error-entry_gone = 你的记录里已经没有它了。
error-source_gone = 原照片已经不在了，请再发一次。
error-too_late = 已经画好了。
error-gave_up = 你的照片试了好几次都没有成功，我放弃了。

## 引擎的错误

error-image_too_large = 图片太大：最多 20 MB、3000 万像素。
error-image_too_small = 图片太小：每边至少 32 像素，长宽比不能超过 20:1。
error-unsupported_image = 我认识 JPEG、PNG、WebP、GIF、AVIF 和 HEIC，这张都不是。
error-broken_image = 图片已损坏，无法读取。
error-unknown_style = 引擎不认识这个风格，请换一个。
error-stale_style = 这个风格已经过期，也无法更新，请换一个。
error-invalid_option = 这样画不了，请换一个风格或强度。
error-engine_unavailable = 画室暂时关门，请稍后再试。
error-engine_busy = 画室现在满了，请稍后再试。
error-too_many_requests = 画室里已经有你的很多图片，请稍后再试。
error-deadline_passed = 用的时间太长了，请再试一次。
error-shutting_down = 画室正要关一会儿门，请稍后再试。
error-internal = 出了点问题，不是你的错，请再试一次。
